use super::*;
use proptest::prelude::*;
use serde_json::json;

const LIMITS: Limits = Limits {
    characters: 2_048,
    depth: 8,
};

fn pattern(pattern: &Value) -> EventPattern {
    EventPattern::parse(&pattern.to_string(), LIMITS).unwrap()
}

fn reason(text: &str) -> String {
    let refused = EventPattern::parse(text, LIMITS).unwrap_err();
    refused.reason().to_owned()
}

/// Each pattern with events that it means, and others.
fn check(cases: &[(Value, &[Value], &[Value])]) {
    for (given, meant, others) in cases {
        let compiled = pattern(given);
        for event in *meant {
            assert!(compiled.matches(event), "{given} means {event}");
        }
        for event in *others {
            assert!(!compiled.matches(event), "{given} does not mean {event}");
        }
    }
}

#[test]
fn values_are_compared_with_their_types() {
    check(&[
        (
            json!({"a": ["x", 1, null, true]}),
            &[
                json!({"a": "x"}),
                json!({"a": 1}),
                json!({"a": null}),
                json!({"a": true, "b": 2}),
            ],
            &[
                json!({"a": "X"}),
                json!({"a": "1"}),
                json!({"a": 1.0}),
                json!({"a": false}),
                json!({}),
                json!({"a": {"x": 1}}),
                json!([]),
                json!("x"),
            ],
        ),
        (
            json!({"a": {"b": ["x"]}}),
            &[json!({"a": {"b": "x", "c": 1}})],
            &[
                json!({"a": "x"}),
                json!({"b": "x"}),
                json!({"a": {"b": {"b": "x"}}}),
            ],
        ),
        (
            json!({"a": ["x"], "b": ["y"]}),
            &[json!({"a": "x", "b": "y"})],
            &[json!({"a": "x"}), json!({"a": "x", "b": "x"})],
        ),
    ]);
}

#[test]
fn text_is_matched_by_its_parts() {
    check(&[
        (
            json!({"a": [{"prefix": "ab"}]}),
            &[json!({"a": "abc"})],
            &[json!({"a": "Abc"}), json!({"a": 1})],
        ),
        (
            json!({"a": [{"suffix": ".png"}]}),
            &[json!({"a": "x.png"})],
            &[json!({"a": "x.PNG"})],
        ),
        (
            json!({"a": [{"prefix": {"equals-ignore-case": "ab"}}]}),
            &[json!({"a": "aBc"})],
            &[json!({"a": "a"})],
        ),
        (
            json!({"a": [{"suffix": {"equals-ignore-case": ".png"}}]}),
            &[json!({"a": "x.PNG"})],
            &[json!({"a": "png"})],
        ),
        (
            json!({"a": [{"equals-ignore-case": "Größe"}]}),
            &[json!({"a": "GRÖßE"})],
            &[json!({"a": "GRÖSSE"})],
        ),
        (
            json!({"a": [{"wildcard": "a*b*c"}]}),
            &[json!({"a": "abc"}), json!({"a": "a--b--bc"})],
            &[
                json!({"a": "ab"}),
                json!({"a": "acb"}),
                json!({"a": "xabc"}),
            ],
        ),
        (
            json!({"a": [{"wildcard": "a\\*\\\\*"}]}),
            &[json!({"a": "a*\\z"})],
            &[json!({"a": "aa\\z"})],
        ),
        (
            json!({"a": [{"wildcard": "ab*ba"}]}),
            &[json!({"a": "abba"})],
            &[json!({"a": "aba"})],
        ),
    ]);
}

#[test]
fn anything_but_needs_another_value() {
    check(&[
        (
            json!({"a": [{"anything-but": "x"}]}),
            &[json!({"a": "y"}), json!({"a": 1})],
            &[json!({"a": "x"}), json!({})],
        ),
        (
            json!({"a": [{"anything-but": ["x", "y"]}]}),
            &[json!({"a": "z"})],
            &[json!({"a": "y"})],
        ),
        (
            json!({"a": [{"anything-but": [1, 2]}]}),
            &[json!({"a": 3})],
            &[json!({"a": 2})],
        ),
        (
            json!({"a": [{"anything-but": {"prefix": "x"}}]}),
            &[json!({"a": "y"})],
            &[json!({"a": "xy"})],
        ),
        (
            json!({"a": [{"anything-but": {"suffix": ["x", "y"]}}]}),
            &[json!({"a": "z"})],
            &[json!({"a": "zy"})],
        ),
        (
            json!({"a": [{"anything-but": {"wildcard": "*x*"}}]}),
            &[json!({"a": "y"})],
            &[json!({"a": "axb"})],
        ),
        (
            json!({"a": [{"anything-but": {"equals-ignore-case": ["x"]}}]}),
            &[json!({"a": "y"})],
            &[json!({"a": "X"})],
        ),
        // One value that is another suffices.
        (
            json!({"a": [{"anything-but": "x"}]}),
            &[json!({"a": ["x", "y"]})],
            &[json!({"a": ["x"]}), json!({"a": []})],
        ),
    ]);
}

#[test]
fn numbers_lie_in_ranges() {
    check(&[
        (
            json!({"a": [{"numeric": [">", 0, "<=", 5]}]}),
            &[json!({"a": 5}), json!({"a": 0.5})],
            &[json!({"a": 0}), json!({"a": 6}), json!({"a": "3"})],
        ),
        (
            json!({"a": [{"numeric": ["=", 3.0e2]}]}),
            &[json!({"a": 300})],
            &[json!({"a": 301})],
        ),
        (
            json!({"a": [{"numeric": ["<", 0]}]}),
            &[json!({"a": -1})],
            &[json!({"a": 0})],
        ),
    ]);
}

#[test]
fn addresses_lie_in_networks() {
    check(&[
        (
            json!({"a": [{"cidr": "10.1.0.0/16"}]}),
            &[json!({"a": "10.1.255.1"})],
            &[
                json!({"a": "10.2.0.0"}),
                json!({"a": "::1"}),
                json!({"a": "x"}),
            ],
        ),
        (
            json!({"a": [{"cidr": "2001:db8::/32"}]}),
            &[json!({"a": "2001:db8::1"})],
            &[json!({"a": "2001:db9::1"})],
        ),
        (
            json!({"a": [{"cidr": "10.0.0.1"}]}),
            &[json!({"a": "10.0.0.1"})],
            &[json!({"a": "10.0.0.2"})],
        ),
        (
            json!({"a": [{"cidr": "0.0.0.0/0"}]}),
            &[json!({"a": "10.0.0.1"})],
            &[json!({"a": "::"})],
        ),
    ]);
}

#[test]
fn what_exists_is_a_value() {
    check(&[
        (
            json!({"a": {"b": [{"exists": true}]}}),
            &[json!({"a": {"b": null}}), json!({"a": {"b": [0]}})],
            &[
                json!({"a": {"b": {"c": 1}}}),
                json!({"a": {"b": []}}),
                json!({"a": {}}),
                json!({}),
            ],
        ),
        (
            json!({"a": {"b": [{"exists": false}]}}),
            &[
                json!({}),
                json!({"a": 1}),
                json!({"a": {"c": 1}}),
                json!({"a": {"b": []}}),
            ],
            &[json!({"a": {"b": 1}}), json!({"a": [{"b": 1}, {"c": 2}]})],
        ),
        (
            json!({"a": [{"exists": false}, "x"]}),
            &[json!({}), json!({"a": "x"})],
            &[json!({"a": "y"})],
        ),
    ]);
}

#[test]
fn fields_in_a_list_of_objects_match_in_one_of_them() {
    check(&[
        (
            json!({"a": {"b": [1], "c": [2]}}),
            &[
                json!({"a": [{"b": 1, "c": 2}, {"b": 3}]}),
                json!({"a": [[{"b": 1, "c": 2}]]}),
            ],
            &[json!({"a": [{"b": 1}, {"c": 2}]})],
        ),
        (
            json!({"a": ["x"]}),
            &[json!({"a": ["y", "x"]}), json!({"a": [["x"]]})],
            &[json!({"a": [{"a": "x"}]})],
        ),
    ]);
}

#[test]
fn one_of_several_objects_suffices() {
    check(&[
        (
            json!({"a": ["x"], "$or": [{"b": [1]}, {"c": {"d": [{"prefix": "y"}]}}]}),
            &[
                json!({"a": "x", "b": 1}),
                json!({"a": "x", "c": {"d": "yes"}}),
            ],
            &[
                json!({"a": "x"}),
                json!({"b": 1}),
                json!({"a": "x", "b": 2, "c": {"d": "no"}}),
            ],
        ),
        (
            json!({"a": {"$or": [{"b": [1]}, {"c": [1]}]}}),
            &[json!({"a": {"c": 1}})],
            &[json!({"c": 1})],
        ),
    ]);
}

#[test]
fn what_is_no_pattern_is_refused_with_a_reason() {
    for (text, expected) in [
        ("", "Filter is not an object"),
        ("[]", "Filter is not an object"),
        ("{", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        (r#"{"a":{}}"#, "Empty objects are not allowed"),
        (r#"{"a":[]}"#, "Empty arrays are not allowed"),
        (r#"{"a":"x"}"#, "\"a\" must be an object or an array"),
        (
            r#"{"a":[["x"]]}"#,
            "Match value must be String, number, true, false, or null",
        ),
        (r#"{"a":[{"like":"x"}]}"#, "Unrecognized match type like"),
        (
            r#"{"a":[{"prefix":"x","suffix":"y"}]}"#,
            "Only one key allowed in match expression",
        ),
        (
            r#"{"a":[{"prefix":1}]}"#,
            "prefix match pattern must be a string",
        ),
        (
            r#"{"a":[{"exists":"x"}]}"#,
            "exists match pattern must be either true or false.",
        ),
        (r#"{"a":[{"numeric":[]}]}"#, "Bottom must be less than top"),
        (
            r#"{"a":[{"numeric":[">",5,"<",1]}]}"#,
            "Bottom must be less than top",
        ),
        (
            r#"{"a":[{"numeric":["~",5]}]}"#,
            "Unrecognized numeric range operator",
        ),
        (
            r#"{"a":[{"numeric":["<"]}]}"#,
            "Value of numeric must be an array of operators and numbers",
        ),
        (
            r#"{"a":[{"cidr":"10.0.0.0/33"}]}"#,
            "Malformed CIDR, must be an IP address or a range of them",
        ),
    ] {
        assert_eq!(reason(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_operator_is_refused_with_a_reason() {
    for (text, expected) in [
        (
            r#"{"a":[{"anything-but":null}]}"#,
            "Value of anything-but must be an array or single string/number value.",
        ),
        (
            r#"{"$or":[{"a":[1]}]}"#,
            "There must have at least 2 Objects in $or relationship",
        ),
        (
            r#"{"$or":[{"a":[1]},1]}"#,
            "Only JSON object is allowed in array of $or relationship",
        ),
        (
            r#"{"a":[{"wildcard":"x**y"}]}"#,
            "Consecutive wildcard characters or an invalid escape in wildcard",
        ),
    ] {
        assert_eq!(reason(text), expected, "{text}");
    }
}

#[test]
fn a_pattern_is_bounded_in_size_and_depth() {
    let deep = format!("{}[1]{}", r#"{"a":"#.repeat(9), "}".repeat(9));
    let nested = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let limits = Limits {
        characters: usize::MAX,
        depth: 8,
    };

    let long = EventPattern::parse(&format!(r#"{{"a":["{}"]}}"#, "ä".repeat(2_048)), LIMITS);
    let nested = EventPattern::parse(&nested, limits);

    assert_eq!(reason(&deep), "Pattern is nested too deeply");
    assert_eq!(
        long.unwrap_err().to_string(),
        "Event pattern is not valid. Reason: Pattern is longer than 2048 characters"
    );
    assert_eq!(nested.unwrap_err().reason(), "Filter is not an object");
}

#[test]
fn a_wildcard_is_found_in_texts_of_any_length() {
    let given = pattern(&json!({ "a": [{ "wildcard": "x*ééa*b*y" }] }));

    for filling in [0, 1, 2, 100, 118, 119, 120, 121, 122, 123, 1_000] {
        let text = format!("x{}ééab-y", "é".repeat(filling));
        let without = format!("x{}ééb-y", "é".repeat(filling));

        let matched = [text, without].map(|text| given.matches(&json!({ "a": text })));

        assert_eq!(matched, [true, false], "{filling}");
    }
    assert!(!given.matches(&json!({ "a": "xéaby" })));
}

#[test]
fn many_stars_cost_no_more_than_the_text_is_long() {
    let wild = format!("{}b", "a*".repeat(900));
    let compiled = pattern(&json!({"a": [{"wildcard": wild}]}));
    let event = json!({"a": "a".repeat(1 << 20)});

    assert!(!compiled.matches(&event));
}

/// How many values are looked at to hold `given` against an event that `make` makes of `count` items.
fn steps_with(given: &Value, count: usize, make: fn(usize) -> Value) -> usize {
    let (compiled, event) = (pattern(given), make(count));
    let (matched, steps) = crate::steps::of(|| compiled.matches(&event));
    assert!(!matched, "{given} would be done too soon");
    steps
}

#[test]
fn twice_the_items_take_at_most_twice_the_steps() {
    let objects: fn(usize) -> Value = |count| {
        let mut items = vec![json!({ "c": 1, "d": ["x", "y"] }); count];
        items.push(json!({ "b": 1 }));
        json!({ "a": items })
    };
    let nested: fn(usize) -> Value = |count| {
        let inner = vec![json!({ "c": "z" }); 10];
        let mut items = vec![json!({ "b": inner }); count];
        items.push(json!({ "b": [{ "e": 1 }] }));
        json!({ "a": items })
    };
    for (given, make) in [
        (json!({"a": {"b": [{"exists": false}], "c": [1]}}), objects),
        (
            json!({"a": {"$or": [{"b": [{"exists": false}]}, {"b": [2, {"exists": false}]}]}}),
            objects,
        ),
        (
            json!({"a": {"d": ["p", {"anything-but": ["x", "y"]}]}}),
            objects,
        ),
        (json!({"a": {"b": {"e": [{"exists": false}]}}}), nested),
        (
            json!({"a": {"b": {"$or": [{"c": ["x"]}, {"$or": [{"c": ["y"]}, {"c": [1]}]}]}}}),
            nested,
        ),
    ] {
        let (once, twice) = (
            steps_with(&given, 1_000, make),
            steps_with(&given, 2_000, make),
        );

        assert!(once >= 1_000, "{given}: {once}");
        assert!(twice <= 2 * once + 10, "{given}: {once}, then {twice}");
    }
}

/// Every event without arrays that an event with arrays stands for: one item of each.
fn choices(value: &Value) -> Vec<Option<Value>> {
    match value {
        Value::Array(items) if items.is_empty() => vec![None],
        Value::Array(items) => items.iter().flat_map(choices).collect(),
        Value::Object(members) => {
            let mut all = vec![Map::new()];
            for (name, value) in members {
                let chosen = choices(value);
                all = all
                    .iter()
                    .flat_map(|before| {
                        chosen.iter().map(|choice| {
                            let mut members = before.clone();
                            if let Some(choice) = choice {
                                members.insert(name.clone(), choice.clone());
                            }
                            members
                        })
                    })
                    .collect();
            }
            all.into_iter()
                .map(|members| Some(Value::Object(members)))
                .collect()
        }
        value => vec![Some(value.clone())],
    }
}

/// The simpler twin: tries every choice, and interprets the pattern as it is written.
fn naive(pattern: &Value, event: &Value) -> bool {
    choices(event)
        .into_iter()
        .flatten()
        .any(|choice| holds(pattern, &choice, &[], event))
}

fn holds(pattern: &Value, value: &Value, path: &[&str], event: &Value) -> bool {
    pattern.as_object().unwrap().iter().all(|(name, wanted)| {
        if name == "$or" {
            let items = wanted.as_array().unwrap();
            return items.iter().any(|item| holds(item, value, path, event));
        }
        let found = &value[name.as_str()];
        let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
        match wanted {
            Value::Object(_) => holds(wanted, found, &path, event),
            _ => wanted.as_array().unwrap().iter().any(|item| {
                let is_there = value.get(name).is_some() && !found.is_object();
                match item {
                    Value::Object(members) if members.contains_key("exists") => {
                        if members["exists"] == json!(true) {
                            return is_there;
                        }
                        let pointer = format!("/{}", path.join("/"));
                        let mut all = choices(event).into_iter().flatten();
                        !all.any(|one| one.pointer(&pointer).is_some_and(|it| !it.is_object()))
                    }
                    Value::Object(members) => is_there && expression(members, found),
                    wanted => is_there && found == wanted,
                }
            }),
        }
    })
}

fn expression(members: &Map<String, Value>, found: &Value) -> bool {
    let (name, wanted) = members.iter().next().unwrap();
    match name.as_str() {
        "prefix" => found
            .as_str()
            .is_some_and(|text| text.starts_with(wanted.as_str().unwrap())),
        "anything-but" => !wanted.as_array().unwrap().contains(found),
        "numeric" => found
            .as_f64()
            .is_some_and(|number| number > wanted[1].as_f64().unwrap()),
        other => panic!("{other}"),
    }
}

fn any_name() -> impl Strategy<Value = String> {
    "[ab]"
}

fn any_scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[xy]{1,2}".prop_map(Value::from),
        (0_i64..3).prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn any_event() -> impl Strategy<Value = Value> {
    let value = any_scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(any_name(), inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map(any_name(), value, 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn any_pattern() -> impl Strategy<Value = Value> {
    let item = prop_oneof![
        any_scalar(),
        "[xy]".prop_map(|text| json!({ "prefix": text })),
        prop::collection::vec("[xy]", 1..3).prop_map(|texts| json!({ "anything-but": texts })),
        (0_i64..3).prop_map(|number| json!({ "numeric": [">", number] })),
        any::<bool>().prop_map(|exists| json!({ "exists": exists })),
    ];
    let leaf = prop::collection::vec(item, 1..3).prop_map(Value::from);
    let object = |inner: BoxedStrategy<Value>| {
        prop::collection::btree_map(any_name(), inner, 1..3)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    };
    let node = leaf.prop_recursive(2, 8, 3, move |inner| object(inner.boxed()).boxed());
    let plain = object(node.boxed()).boxed();
    (plain.clone(), prop::option::of((plain.clone(), plain))).prop_map(|(mut plain, either)| {
        if let Some((one, other)) = either {
            plain["$or"] = json!([one, other]);
        }
        plain
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_pattern_means_what_its_simpler_twin_means(given in any_pattern(), event in any_event()) {
        let limits = Limits { characters: usize::MAX, ..LIMITS };
        let compiled = EventPattern::parse(&given.to_string(), limits).unwrap();

        prop_assert_eq!(compiled.matches(&event), naive(&given, &event));
    }

    #[test]
    fn no_text_is_more_than_refused(text in "[{}\\[\\]\":,a-c$0-9\\\\*-]{0,40}", event in any_event()) {
        if let Ok(compiled) = EventPattern::parse(&text, LIMITS) {
            compiled.matches(&event);
        }
    }

    #[test]
    fn a_wildcard_admits_what_a_search_for_every_split_admits(
        pieces in prop::collection::vec("[ab]{1,2}", 1..4),
        text in "[ab]{0,8}",
    ) {
        let compiled = super::text::Wildcard::parse(&pieces.join("*")).unwrap();

        prop_assert_eq!(compiled.matches(&text), by_search(&pieces, &text));
    }
}

fn by_search(pieces: &[String], text: &str) -> bool {
    match pieces {
        [last] => text == last,
        [first, rest @ ..] => text.strip_prefix(first.as_str()).is_some_and(|behind| {
            (0..=behind.len()).any(|from| by_search(rest, behind.get(from..).unwrap()))
        }),
        [] => false,
    }
}
