use super::*;
use crate::fixture::{any_document, with_canaries};
use proptest::prelude::*;
use serde_json::Map;

/// What parsing `document` should give, read from its tree.
fn naive(document: &Json, shape: &Shape) -> Json {
    match (document, shape) {
        (Json::Object(fields), Shape::Structure(structure)) => {
            let known = structure.members.iter().filter_map(|member| {
                let value = fields.get(member.name).filter(|value| !value.is_null())?;
                Some((member.name.to_owned(), naive(value, member.shape)))
            });
            Json::Object(known.collect::<Map<_, _>>())
        }
        (Json::Object(fields), Shape::Map(map)) => fields
            .iter()
            .map(|(key, value)| (key.clone(), naive(value, map.value)))
            .collect(),
        (Json::Array(items), Shape::List(list)) => {
            items.iter().map(|item| naive(item, list.item)).collect()
        }
        (Json::Number(number), _) if number.is_u64() => {
            json!(number.as_u64().unwrap().min(i64::MAX as u64))
        }
        (Json::Number(number), _) if number.is_f64() => {
            json!(truncated(number.as_f64().unwrap()))
        }
        (other, _) => other.clone(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the truncation is what is asked for"
)]
fn truncated(number: f64) -> i64 {
    number.trunc() as i64
}

proptest! {
    #[test]
    fn no_secret_is_in_a_refusal_or_the_audit_record(document in any_document(Everything::SHAPE)) {
        let document = with_canaries(&document, &Shape::Structure(Everything::SHAPE));
        let parsed = parsed(&document.to_string());

        let shown = format!("{:?} {}", parsed.validate(), parsed.request_parameters());

        prop_assert!(!shown.contains("CANARY"), "{}", shown);
    }

    #[test]
    fn agrees_with_a_reading_of_the_whole_tree(document in any_document(Everything::SHAPE)) {
        let body = document.to_string();

        let read = members(&body);

        // From the text again: a parser may read a double one unit away from what was printed.
        let tree: Json = serde_json::from_str(&body).unwrap();
        prop_assert_eq!(read, naive(&tree, &Shape::Structure(Everything::SHAPE)));
    }

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let refused = rejected(&body);

        prop_assert!(refused.is_some(), "nothing so short has all that is required");
    }

    #[test]
    fn no_damage_to_a_document_makes_it_panic(
        document in any_document(Everything::SHAPE),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut body = document.to_string().into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        if cut {
            body.truncate(at);
        }

        if let Ok(parsed) = parse(Everything::SHAPE, &body) {
            let parameters = parsed.request_parameters();
            prop_assert!(serde_json::from_str::<Json>(&parameters).is_ok());
        }
    }
}
