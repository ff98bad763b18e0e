use crate::parse;
use crate::rejection::Rejection;
use crate::shape::{Member, Shape, Structure};
use serde_json::{Value, json};

const TEXT: Shape = Shape::text(1, 4).in_bytes().sensitive().up_to("size");
const BLOB: Shape = Shape::blob(1, 4).up_to("size");
const OTHER: Shape = Shape::text(0, 4).up_to("other");
static SHAPE: Structure = Structure::new(&[
    Member::new("Text", &TEXT),
    Member::new("Blob", &BLOB),
    Member::new("Other", &OTHER),
]);

/// What is said of `body` when the quota `size` is `most`.
fn refusal(body: &Value, most: Option<usize>) -> Option<String> {
    let parsed = parse(&SHAPE, body.to_string().as_bytes()).unwrap();
    let quotas = |name: &str| most.filter(|_| name == "size");
    match parsed.validate_under(&quotas) {
        Ok(()) => None,
        Err(Rejection::Validation(text)) => Some(text),
        Err(other) => panic!("{other:?}"),
    }
}

fn too_long(member: &str, most: usize) -> Option<String> {
    Some(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must \
         have length less than or equal to {most}"
    ))
}

#[test]
fn a_quota_takes_the_place_of_the_usual_length() {
    let text = json!({ "Text": "x".repeat(6) });
    let blob = json!({ "Blob": "AAAAAAAA" });

    assert_eq!(refusal(&text, None), too_long("text", 4));
    assert_eq!(refusal(&text, Some(5)), too_long("text", 5));
    assert_eq!(refusal(&text, Some(6)), None);
    assert_eq!(refusal(&blob, None), too_long("blob", 4));
    assert_eq!(refusal(&blob, Some(5)), too_long("blob", 5));
    assert_eq!(refusal(&blob, Some(6)), None);
    assert_eq!(
        refusal(&json!({ "Text": "xxx" }), Some(2)),
        too_long("text", 2)
    );
}

#[test]
fn a_quota_is_for_what_names_it() {
    let other = json!({ "Other": "xxxxx" });

    let refused = refusal(&other, Some(9)).unwrap();

    assert!(refused.contains("less than or equal to 4"), "{refused}");
}
