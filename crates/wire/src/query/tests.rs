use super::*;
use crate::xml::Element;
use base::Plaintext;
use proptest::prelude::*;

fn refusal_of(body: &[u8]) -> QueryRejection {
    match parse(body) {
        Ok(_) => panic!("accepted: {}", String::from_utf8_lossy(body)),
        Err(rejection) => rejection,
    }
}

fn accepted(body: &[u8]) -> QueryRequest {
    match parse(body) {
        Ok(request) => request,
        Err(rejection) => panic!("{rejection}: {}", String::from_utf8_lossy(body)),
    }
}

#[test]
fn a_form_is_read() {
    let request = accepted(
        b"Action=GetCallerIdentity&Version=2011-06-15&A+b=c%20d%2Be%3d&Empty=&Bare&E=f=g&%C3%A9=%c3%a9",
    );

    assert_eq!(request.action(), "GetCallerIdentity");
    assert_eq!(request.version(), Some("2011-06-15"));
    assert_eq!(request.param("A b"), Some("c d+e="));
    assert_eq!(request.param("Empty"), Some(""));
    assert_eq!(request.param("Bare"), Some(""));
    assert_eq!(request.param("E"), Some("f=g"));
    assert_eq!(request.param("é"), Some("é"));
    assert_eq!(request.param("Action"), None);
    assert_eq!(request.param("Version"), None);
    assert_eq!(request.param("Other"), None);
}

#[test]
fn the_version_may_be_absent_and_empty_pairs_are_passed_over() {
    let request = accepted(b"&&Action=X&");

    assert_eq!((request.action(), request.version()), ("X", None));
}

#[test]
fn a_form_without_an_action_is_refused() {
    for body in ["", "&", "Version=1", "Action", "Action=", "action=X"] {
        assert_eq!(
            refusal_of(body.as_bytes()),
            QueryRejection::MissingAction,
            "{body}"
        );
    }
}

#[test]
fn a_malformed_form_is_refused() {
    for body in [
        b"Action=X&a=%".as_slice(),
        b"Action=X&a=%4",
        b"Action=X&a=%4g",
        b"Action=X&a=%+1",
        b"Action=X&%zz=1",
        b"Action=X&a=%ff",
        b"Action=X&a=\xff",
        b"Action=X&Action=X",
        b"Action=X&a=1&a=2",
        b"Action=X&a=1&%61=1",
    ] {
        assert_eq!(
            refusal_of(body),
            QueryRejection::Malformed,
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn the_number_of_parameters_is_bounded() {
    let most: String = (1..10_000).map(|n| format!("&p{n}=")).collect();

    let accepted = parse(format!("Action=X{most}").as_bytes()).is_ok();
    let refused = refusal_of(format!("Action=X{most}&one=more").as_bytes());

    assert!(accepted);
    assert_eq!(refused, QueryRejection::Malformed);
}

#[test]
fn refusals_have_a_code_a_status_and_a_text() {
    let told = [QueryRejection::Malformed, QueryRejection::MissingAction]
        .map(|rejection| (rejection.code(), rejection.status(), rejection.to_string()));

    assert_eq!(
        told,
        [
            (
                "MalformedQueryString",
                404,
                "The query string contains a syntax error.".to_owned()
            ),
            (
                "MissingAction",
                400,
                "The request is missing an action or a required parameter.".to_owned()
            ),
        ]
    );
}

struct Identity<'a> {
    arn: &'a str,
    key: Plaintext,
}

impl Output for Identity<'_> {
    fn write(&self, result: &mut Element<'_>) {
        result.text("Arn", self.arn);
        result.plaintext("SecretAccessKey", &self.key);
    }
}

struct Done;

impl Output for Done {
    const HAS_RESULT: bool = false;

    fn write(&self, result: &mut Element<'_>) {
        result.text("Never", "written");
    }
}

#[test]
fn an_answer_has_its_envelope() {
    let identity = Identity {
        arn: "arn:aws:iam::123456789012:user/a<b",
        key: Plaintext::from("se/cr&t".to_owned()),
    };

    let body = response(NAMESPACE, "GetCallerIdentity", "request-1", &identity)
        .ok()
        .unwrap();

    assert_eq!(
        std::str::from_utf8(body.as_ref()).unwrap(),
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a&lt;b</Arn>\
         <SecretAccessKey>se/cr&amp;t</SecretAccessKey></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
}

#[test]
fn an_answer_without_a_result_has_no_result_element() {
    let body = response(NAMESPACE, "DeleteUser", "request-1", &Done)
        .ok()
        .unwrap();

    assert_eq!(
        std::str::from_utf8(body.as_ref()).unwrap(),
        "<DeleteUserResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata>\
         </DeleteUserResponse>"
    );
}

#[test]
fn an_answer_with_a_secret_that_is_no_text_is_refused() {
    let identity = Identity {
        arn: "arn",
        key: Plaintext::new(vec![0xff]),
    };

    let refused = response(NAMESPACE, "GetCallerIdentity", "request-1", &identity);

    assert_eq!(refused.err(), Some(NotText));
}

#[test]
fn names_stand_right_before_those_that_continue_them() {
    let body = b"Action=X&Tag.a.b=1&Tag-x=2&Tag.a=3&Tag=4&Tag.=5&Ta=6&.=7&=8";

    let request = accepted(body);

    let names: Vec<&str> = request.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        names,
        ["", ".", "Ta", "Tag", "Tag.", "Tag.a", "Tag.a.b", "Tag-x"]
    );
}

#[test]
fn an_error_says_whose_fault_it_is() {
    let texts = [
        (400, "Sender"),
        (403, "Sender"),
        (500, "Receiver"),
        (503, "Receiver"),
    ];
    for (status, fault) in texts {
        let body = error_response(NAMESPACE, status, "Code", "a & b", "request-1");

        assert_eq!(
            std::str::from_utf8(body.as_ref()).unwrap(),
            format!(
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                 <Error><Type>{fault}</Type><Code>Code</Code><Message>a &amp; b</Message></Error>\
                 <RequestId>request-1</RequestId></ErrorResponse>"
            )
        );
    }
}

/// `text` with every byte but letters percent-encoded, and spaces as `+` when `plus`.
fn encode(text: &str, plus: bool) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' if plus => "+".to_owned(),
            b'a'..=b'z' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

proptest! {
    #[test]
    fn any_parameters_read_back(
        parameters in prop::collection::btree_map(any::<String>(), any::<String>(), 0..8),
        plus in any::<bool>(),
    ) {
        let pairs = parameters
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "Action" | "Version"))
            .map(|(name, value)| format!("&{}={}", encode(name, plus), encode(value, plus)));
        let body = format!("Action=X{}", pairs.collect::<String>());

        let request = accepted(body.as_bytes());

        for (name, value) in &parameters {
            prop_assert_eq!(request.param(name), Some(value.as_str()));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let with_action = [b"Action=X&".as_slice(), &body].concat();

        prop_assert!(parse(&body).is_ok() || parse(&with_action).map(|r| r.action() == "X").unwrap_or(true));
    }
}

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
