use super::*;
use proptest::prelude::*;
use serde_json::json;

#[track_caller]
fn matches(pattern: &str, message: &str) -> bool {
    let pattern = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    pattern.matches(&Event::new(message))
}

fn event() -> String {
    json!({
        "eventName": "GetSecretValue",
        "errorCode": "InvalidRequestException",
        "errorMessage": "You can't perform this operation on the secret because it was marked for deletion.",
        "userIdentity": { "type": "Root", "invokedBy": null },
        "sourceIPAddress": "10.0.3.4",
        "latency": 5.0e-3,
        "status": 404,
        "isRoot": true,
        "resources": [{ "ARN": "arn:a", "n": [1, 2] }, { "ARN": "arn:b", "n": [3] }],
        "odd name": "x",
        "responseElements": {},
    })
    .to_string()
}

#[test]
fn json_events_are_chosen_by_their_members() {
    for (pattern, expected) in [
        (
            r#"{ $.eventName = "GetSecretValue" && $.errorMessage = "*secret because it was marked for deletion*" }"#,
            true,
        ),
        (r#"{$.eventName="GetSecretValue"}"#, true),
        (r#"{ $.eventName = GetSecretValue }"#, true),
        (r#"{ $.eventName = Get* }"#, true),
        (r#"{ $.eventName = "get*" }"#, false),
        (r#"{ $.eventName != "DescribeSecret" }"#, true),
        (r#"{ $.nothing != "x" }"#, false),
        (r#"{ $.nothing = "*" }"#, false),
        (r#"{ $.userIdentity = "Root" }"#, false),
        (r#"{ $.userIdentity != "Root" }"#, false),
        (r#"{ $.status = 404 }"#, true),
        (r#"{ $.status = 4* }"#, true),
        (r#"{ $.status = "404" }"#, false),
        (r#"{ $.status >= 404 && $.status < 405 }"#, true),
        (r#"{ $.status > 404 || $.status <= 4.03e2 }"#, false),
        (r#"{ $.latency = 5e-3 }"#, true),
        (r#"{ $.sourceIPAddress != 123.123.* }"#, true),
        (r#"{ $.isRoot IS TRUE }"#, true),
        (r#"{ $.isRoot IS FALSE }"#, false),
        (r#"{ $.userIdentity.invokedBy IS NULL }"#, true),
        (r#"{ $.userIdentity.invokedBy EXISTS }"#, true),
        (r#"{ $.userIdentity.invokedBy NOT EXISTS }"#, false),
        (r#"{ $.nothing NOT EXISTS }"#, true),
        (r#"{ $.resources[0].ARN = "arn:a" }"#, true),
        (r#"{ $.resources[2].ARN EXISTS }"#, false),
        (r#"{ $.resources[*].ARN = "arn:b" }"#, true),
        (r#"{ $.resources[*].n[*] = 3 }"#, true),
        (r#"{ $.resources[*].n[*] > 3 }"#, false),
        (r#"{ $["odd name"] = "x" }"#, true),
        (r#"{ $.["odd name"] = "x" }"#, true),
        (r#"{ $.eventName = %^Get.*Value$% }"#, true),
        (r#"{ $.eventName != %^Get% }"#, false),
        (
            r#"{ ($.status = 1 || $.isRoot IS TRUE) && $.userIdentity.type = "Root" }"#,
            true,
        ),
        (
            r#"{ $.status = 1 && $.isRoot IS TRUE || $.eventName EXISTS }"#,
            true,
        ),
        (
            r#"{ $.status = 1 && ($.isRoot IS TRUE || $.eventName EXISTS) }"#,
            false,
        ),
        ("", true),
        ("GetSecretValue -DescribeSecret", true),
    ] {
        assert_eq!(matches(pattern, &event()), expected, "{pattern}");
    }
}

#[test]
fn what_is_no_json_object_is_never_chosen_by_a_json_pattern() {
    for message in ["", "text", "[1]", "{", "{\"a\":1} x", "\"{}\""] {
        assert!(!matches("{ $.a NOT EXISTS }", message), "{message}");
    }
    assert!(matches("{ $.a NOT EXISTS }", " {}"));
}

#[test]
fn columns_are_chosen_by_place_and_condition() {
    let line =
        r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
    for (pattern, expected) in [
        ("[ip, id, user, timestamp, request, status, bytes]", true),
        ("[ip, id, user, timestamp, request, status]", false),
        ("[ip, ..., status = 4*, bytes]", true),
        ("[..., status = 404, bytes > 1000]", true),
        ("[..., status = 404, bytes > 2000]", false),
        ("[ip = 127.*, ...]", true),
        ("[..., request = \"*html*\", status, bytes]", true),
        ("[..., status = 500 || status = 404, bytes]", true),
        ("[..., status > 400 && status < 404, bytes]", false),
        ("[..., status != 404, bytes]", false),
        ("[ip, , user=frank, ...]", true),
        ("[..., request = %index\\.html%, s, b]", true),
    ] {
        assert_eq!(matches(pattern, line), expected, "{pattern}");
    }
}

#[test]
fn lines_are_chosen_by_their_terms() {
    let line = "REPORT RequestId: a-b Duration: 3 ms";
    for (pattern, expected) in [
        ("  ", true),
        ("REPORT", true),
        ("report", false),
        ("REPORT Duration:", true),
        ("REPORT ERROR", false),
        ("\"Duration: 3\"", true),
        ("\"Duration:  3\"", false),
        ("-ERROR", true),
        ("REPORT -ms", false),
        ("?ERROR ?REPORT", true),
        ("?ERROR ?WARN", false),
        ("-\"3 ms\"", false),
        ("%Duration: \\d%", true),
        ("-%Duration: \\d%", false),
    ] {
        assert_eq!(matches(pattern, line), expected, "{pattern}");
    }
}

#[test]
fn a_malformed_pattern_is_refused_with_where() {
    for (pattern, position, why) in [
        ("{ $.a = 1", 9, "a `}` is missing"),
        ("{ a = 1 }", 2, "a selector begins with `$`"),
        ("{ $ = 1 }", 3, "a selector goes on with `.` or `[`"),
        ("{ $.a }", 6, "an operator is missing"),
        ("{ $.a = }", 8, "something to compare with is missing"),
        ("{ $.a > \"x\" }", 8, "only numbers have an order"),
        ("{ $.a = \"x }", 8, "a quotation mark is missing"),
        ("{ ($.a = 1 }", 11, "a `)` is missing"),
        ("{ $.a = 1 } x", 12, "the pattern should end here"),
        ("{ $.a NOT 1 }", 10, "`EXISTS` is missing"),
        ("{ $.a IS 1 }", 9, "`TRUE`, `FALSE` or `NULL` is missing"),
        ("{ $.a[x] = 1 }", 6, "an index is a number or `*`"),
        ("{ $.é. = 1 }", 6, "the name of a member is missing"),
        (
            "{ $.a = %(% }",
            8,
            "this regular expression is not supported",
        ),
        ("{ $.a = %x }", 8, "a percent sign is missing"),
        ("[a, b", 5, "a `,` or `]` is missing"),
        ("[..., a, ...]", 12, "`...` stands there twice"),
        (
            "[a = 1 || b = 2]",
            11,
            "the conditions of a column name that column",
        ),
        ("\"a", 0, "a quotation mark is missing"),
        ("- a", 1, "a term is empty"),
        ("\"\"", 0, "a term is empty"),
        (
            "?a b",
            0,
            "a mixture of ?terms with others is not supported",
        ),
    ] {
        let refused = Pattern::parse(pattern).unwrap_err();

        assert_eq!(refused, Malformed::at(position, why), "{pattern}");
    }
    let text = Pattern::parse("{ $.a }").unwrap_err().to_string();
    assert_eq!(text, "an operator is missing (character 7)");
}

#[test]
fn length_depth_and_the_number_of_expressions_are_bounded() {
    let long = |terms: usize| "a ".repeat(terms);
    let deep = |depth: usize| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        format!("{{ {open}$.a = 1{close} }}")
    };

    assert!(Pattern::parse(&long(512)).is_ok());
    assert!(Pattern::parse(&long(513)).is_err());
    assert!(matches(&deep(DEEPEST), r#"{"a":1}"#));
    assert!(Pattern::parse(&deep(DEEPEST + 1)).is_err());
    assert!(Pattern::parse("%a% %b%").is_ok());
    assert!(Pattern::parse("%a% %b% %c%").is_err());
    assert!(Pattern::parse("%(a{1,1000}){1,1000}%").is_err());
}

#[test]
fn values_are_taken_out_of_what_matches() {
    let json = Pattern::parse("{ $.status EXISTS || $.resources[0].ARN = x }").unwrap();
    let columns = Pattern::parse("[ip, ..., bytes]").unwrap();
    let source = |text: &str| MetricSource::parse(text).unwrap();
    let (event, line) = (event(), Event::new("127.0.0.1 - 17"));
    let event = Event::new(&event);

    assert_eq!(source("1").value(&json, &event), Some(1.0));
    assert_eq!(source("-2.5e1").value(&json, &event), Some(-25.0));
    assert_eq!(source("$.latency").value(&json, &event), Some(0.005));
    assert_eq!(source("$.eventName").value(&json, &event), None);
    assert_eq!(source("$.nothing").value(&json, &event), None);
    assert_eq!(source("$bytes").value(&columns, &line), Some(17.0));
    assert_eq!(source("$ip").value(&columns, &line), None);
    for wrong in ["", "x", "$", "$.", "$a b", "inf", "nan", "1 2", "$.a b"] {
        assert!(MetricSource::parse(wrong).is_err(), "{wrong}");
    }
    let offered = |pattern: &Pattern, text| pattern.offers(&Source::parse(text).unwrap());
    assert!(offered(&json, "$.x") && !offered(&json, "$ip"));
    assert!(offered(&columns, "$ip") && !offered(&columns, "$x") && !offered(&columns, "$.x"));
    let shown = json.extracted(&event);
    let expected = [("$.resources[0].ARN", "arn:a"), ("$.status", "404")];
    assert_eq!(
        shown,
        BTreeMap::from(expected.map(|(k, v)| (k.into(), v.into())))
    );
    let shown = columns.extracted(&line);
    let expected = [("$bytes", "17"), ("$ip", "127.0.0.1")];
    assert_eq!(
        shown,
        BTreeMap::from(expected.map(|(k, v)| (k.into(), v.into())))
    );
}

#[test]
fn marks_that_nothing_closes_take_no_more_steps_than_the_line_is_long() {
    let steps = |pattern: &str, line: &str| {
        let pattern = Pattern::parse(pattern).unwrap();
        let event = Event::new(line);
        let (matched, steps) = crate::steps::of(|| pattern.matches(&event));
        assert!(!matched, "it would be done too soon");
        steps
    };
    for part in ["[ ", "\" [x ", "\"x\" [ ", "[x] [\" "] {
        let line = part.repeat(10_000);

        let taken = steps("[first, ..., last = never]", &line);

        assert!(taken <= 3 * line.len(), "{part}: {taken}");
    }
    // Who asks for two columns looks at three.
    assert!(steps("[a, b]", &"x ".repeat(10_000)) < 10);
}

#[test]
fn a_closed_part_behind_an_open_mark_is_still_one() {
    let pattern = Pattern::parse("[a, b, c, d]").unwrap();

    let shown = pattern.extracted(&Event::new("[1 \"2 3\" [4 5"));

    let expected = [("$a", "[1"), ("$b", "2 3"), ("$c", "[4"), ("$d", "5")];
    let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(shown, BTreeMap::from(expected));
}

#[test]
fn a_cost_is_known_of_every_pattern() {
    for (pattern, passes, expressions) in [
        ("", 0, 0),
        ("a b -c", 3, 0),
        ("%a% b", 51, 1),
        ("[a, b = 1 && b != 2, ..., c = x*]", 4, 0),
        ("{ $.a = 1 && ($.b EXISTS || $.c = %x%) }", 53, 1),
    ] {
        let cost = Pattern::parse(pattern).unwrap().cost();

        let expected = Cost {
            passes,
            expressions,
        };
        assert_eq!(cost, expected, "{pattern}");
    }
}

#[test]
fn a_regular_expression_is_bounded_when_it_is_compiled() {
    let address = r"%[0-9]{1,3}(\.[0-9]{1,3}){3}%";

    assert!(Pattern::parse(address).is_ok());
    for large in ["%a{500}%", "%(a{20}){20}%", "%[a-z]{1,400}%"] {
        assert!(Pattern::parse(large).is_err(), "{large}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(
        pattern in r#"(\{|\[|)[ $.a\[\]0*"'()=!<>&|%?,{}é-]{0,24}(\}|\]|)"#, message in ".{0,30}",
    ) {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            let event = Event::new(&message);
            let _ = pattern.matches(&event);
            let _ = pattern.extracted(&event);
        }
        let _ = MetricSource::parse(&pattern);
    }

    #[test]
    fn a_quoted_text_finds_itself(text in "[a-z é]{1,9}") {
        let line = format!("x{text}y");
        let event = json!({ "a": text }).to_string();
        let in_line = format!("\"{text}\"");
        let in_json = format!("{{ $.a = \"{text}\" }}");

        prop_assert!(matches(&in_line, &line));
        prop_assert!(matches(&in_json, &event));
    }

    #[test]
    fn and_or_agree_with_logic(
        one: bool, two: bool, three: bool,
    ) {
        let event = json!({ "a": one, "b": two, "c": three }).to_string();
        let is = |name: &str| format!("$.{name} IS TRUE");
        let (a, b, c) = (is("a"), is("b"), is("c"));
        let plain = format!("{{{a} || {b} && {c}}}");
        let grouped = format!("{{({a} || {b}) && {c}}}");

        prop_assert_eq!(matches(&plain, &event), one || two && three);
        prop_assert_eq!(matches(&grouped, &event), (one || two) && three);
    }
}
