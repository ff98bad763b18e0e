use super::*;
use crate::fixture::{any_document, with_canaries};
use proptest::prelude::*;

/// `document` without what a form cannot say: `null`, and numbers that are no whole ones of 64 bits.
fn sayable(document: &Json) -> Json {
    match document {
        Json::Array(items) => {
            let items = items.iter().filter(|item| !item.is_null());
            items.map(sayable).collect()
        }
        Json::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(name, value)| (name.clone(), sayable(value)));
            Json::Object(fields.collect())
        }
        Json::Number(number) => json!(number.as_i64().unwrap_or(7)),
        other => other.clone(),
    }
}

/// What the form of `document` is read as, its pairs sorted by `order`.
fn read_in_order(document: &Json, order: &[u8]) -> Result<Parsed, Rejection> {
    let body = String::from_utf8(form(document, "X", "1")).unwrap();
    let mut pairs: Vec<_> = body.split('&').zip(order.iter().cycle()).collect();
    pairs.sort_by_key(|(_, place)| **place);
    let pairs: Vec<&str> = pairs.into_iter().map(|(pair, _)| pair).collect();
    match parse(pairs.join("&").as_bytes()) {
        Ok(request) => request.parse_input(Everything::SHAPE),
        Err(rejection) => panic!("{rejection}: {body}"),
    }
}

proptest! {
    #[test]
    fn a_form_says_what_json_says(
        document in any_document(Everything::SHAPE),
        order in prop::collection::vec(any::<u8>(), 1..30),
    ) {
        let document = sayable(&document);
        let from_json = crate::parse(Everything::SHAPE, document.to_string().as_bytes());
        let from_json = from_json.ok().unwrap();

        let from_form = read_in_order(&document, &order).ok().unwrap();

        prop_assert_eq!(
            describe_members(&from_form.members),
            describe_members(&from_json.members)
        );
        prop_assert_eq!(from_form.request_parameters(), from_json.request_parameters());
        prop_assert_eq!(from_form.validate(), from_json.validate());
    }

    #[test]
    fn no_secret_is_in_a_refusal_or_the_audit_record(document in any_document(Everything::SHAPE)) {
        let document = with_canaries(&sayable(&document), &Shape::Structure(Everything::SHAPE));
        let parsed = read_in_order(&document, &[0]).ok().unwrap();

        let shown = format!("{:?} {}", parsed.validate(), parsed.request_parameters());

        prop_assert!(!shown.contains("CANARY"), "{}", shown);
    }

    #[test]
    fn no_names_make_it_panic(
        names in prop::collection::btree_set(
            prop::collection::vec(
                prop_oneof![
                    Just("Tags"), Just("Names"), Just("Login"), Just("SecretId"), Just("member"),
                    Just("1"), Just("2"), Just("0"), Just("Key"), Just("Hosts"), Just("é"), Just(""),
                ],
                1..7,
            ),
            0..9,
        ),
    ) {
        let pairs: Vec<String> = names.iter().map(|parts| format!("{}=1", parts.join("."))).collect();

        match read(&pairs.join("&")) {
            Ok(parsed) => prop_assert!(parsed.validate().is_err(), "not all that is required"),
            Err(rejection) => prop_assert_eq!(rejection, Rejection::Serialization(None)),
        }
    }
}
