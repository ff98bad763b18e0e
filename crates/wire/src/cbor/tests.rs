use super::*;
use crate::Input as _;
use crate::buffer::Buffer;
use crate::fixture::{any_document, describe_members};
use crate::shape::UNBOUNDED;
use base::Timestamp;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const TEXT: Shape = Shape::text(0, UNBOUNDED);
const BYTES: Shape = Shape::blob(0, UNBOUNDED);
const NUMBER: Shape = Shape::integer();
const DOUBLE: Shape = Shape::double();
const MOMENT: Shape = Shape::timestamp();
const TRUTH: Shape = Shape::boolean();
const DOUBLES: Shape = Shape::list(&DOUBLE, 0, UNBOUNDED);
const TEXTS: Shape = Shape::map(&TEXT);
const INNER: Shape = Shape::structure(Inner::SHAPE);
const INNERS: Shape = Shape::list(&INNER, 0, UNBOUNDED);

crate::input! {
    struct Inner {
        at: Timestamp = required "At" MOMENT,
        value: Option<f64> = "Value" DOUBLE,
    }
}

crate::input! {
    struct All {
        text: Option<String> = "Text" TEXT,
        bytes: Option<Plaintext> = "Bytes" BYTES,
        number: Option<i64> = "Number" NUMBER,
        double: Option<f64> = "Double" DOUBLE,
        at: Option<Timestamp> = "At" MOMENT,
        truth: Option<bool> = "Truth" TRUTH,
        doubles: Option<Vec<f64>> = "Doubles" DOUBLES,
        texts: Option<BTreeMap<String, String>> = "Texts" TEXTS,
        inners: Option<Vec<Inner>> = "Inners" INNERS,
    }
}

/// JSON as CBOR: numbers with a fraction as doubles.
fn encode(value: &Json, encoder: &mut Encoder<'_>) {
    match value {
        Json::Null => {}
        Json::Bool(truth) => encoder.boolean(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => encoder.integer(number),
            None => encoder.double(number.as_f64().unwrap()),
        },
        Json::String(text) => encoder.text(text),
        Json::Array(items) => {
            encoder.array(items.len());
            items.iter().for_each(|item| encode(item, encoder));
        }
        Json::Object(members) => {
            encoder.map(members.len());
            for (name, value) in members {
                encoder.text(name);
                encode(value, encoder);
            }
        }
    }
}

fn encoded(value: &Json) -> Vec<u8> {
    let mut out = Buffer::new();
    encode(value, &mut Encoder::new(&mut out));
    out.into_bytes().to_vec()
}

/// What a body of type [`All`] says, or `None` when it is refused.
fn read(hex: &str) -> Option<Json> {
    let bytes = data_encoding::HEXLOWER.decode(hex.replace(' ', "").as_bytes());
    let parsed = parse(All::SHAPE, &bytes.unwrap()).ok()?;
    Some(describe_members(&parsed.members))
}

#[test]
fn every_kind_of_scalar_is_read() {
    for (hex, expected) in [
        ("", json!({})),
        ("a0", json!({})),
        ("bf ff", json!({})),
        ("a1 64 54657874 61 78", json!({ "Text": "x" })),
        (
            "bf 64 54657874 7f 61 78 61 79 ff ff",
            json!({ "Text": "xy" }),
        ),
        ("a1 65 4279746573 42 0102", json!({ "Bytes": "AQI=" })),
        (
            "a1 65 4279746573 5f 41 01 41 02 ff",
            json!({ "Bytes": "AQI=" }),
        ),
        ("a1 66 4e756d626572 18 64", json!({ "Number": 100 })),
        ("a1 66 4e756d626572 39 03e7", json!({ "Number": -1_000 })),
        (
            "a1 66 4e756d626572 1b ffffffffffffffff",
            json!({ "Number": i64::MAX }),
        ),
        (
            "a1 66 4e756d626572 3b ffffffffffffffff",
            json!({ "Number": i64::MIN }),
        ),
        (
            "a1 66 4e756d626572 fb 400c000000000000",
            json!({ "Number": 3 }),
        ),
        ("a1 66 446f75626c65 f9 3e00", json!({ "Double": 1.5 })),
        (
            "a1 66 446f75626c65 f9 0001",
            json!({ "Double": 5.960_464_477_539_063e-8 }),
        ),
        ("a1 66 446f75626c65 f9 c400", json!({ "Double": -4.0 })),
        (
            "a1 66 446f75626c65 fa 47c35000",
            json!({ "Double": 100_000.0 }),
        ),
        (
            "a1 66 446f75626c65 fb 3ff199999999999a",
            json!({ "Double": 1.1 }),
        ),
        ("a1 66 446f75626c65 07", json!({ "Double": 7.0 })),
        (
            "a1 62 4174 c1 1a 514b67b0",
            json!({ "At": 1_363_896_240_000_i64 }),
        ),
        (
            "a1 62 4174 c1 fb 41d452d9ec200000",
            json!({ "At": 1_363_896_240_500_i64 }),
        ),
    ] {
        assert_eq!(read(hex), Some(expected), "{hex}");
    }
}

#[test]
fn lists_maps_and_structures_are_read() {
    for (hex, expected) in [
        ("a1 65 5472757468 f5", json!({ "Truth": true })),
        ("a1 65 5472757468 f6", json!({})),
        ("a1 65 5472757468 f7", json!({})),
        (
            "a1 67 446f75626c6573 9f 01 f9 3e00 ff",
            json!({ "Doubles": [1.0, 1.5] }),
        ),
        (
            "a1 65 5465787473 a1 61 61 61 62",
            json!({ "Texts": { "a": "b" } }),
        ),
        (
            "a1 66 496e6e657273 81 a2 62 4174 c1 01 65 56616c7565 02",
            json!({ "Inners": [{ "At": 1_000, "Value": 2.0 }] }),
        ),
        // What nobody asked for is passed over: {"x": [1, {"a": h'00'}, 4(1), undefined]}.
        (
            "a2 61 78 84 01 a1 61 61 41 00 c4 01 f7 65 5472757468 f4",
            json!({ "Truth": false }),
        ),
    ] {
        assert_eq!(read(hex), Some(expected), "{hex}");
    }
}

#[test]
fn every_kind_of_member_reaches_its_field() {
    let hex = "a9 64 54657874 61 78 65 4279746573 41 01 66 4e756d626572 07 66 446f75626c65 f9 3e00 \
               62 4174 c1 01 65 5472757468 f5 67 446f75626c6573 81 01 65 5465787473 a1 61 61 61 62 \
               66 496e6e657273 81 a2 62 4174 c1 01 65 56616c7565 02";
    let bytes = data_encoding::HEXLOWER.decode(hex.replace(' ', "").as_bytes());

    let parsed = parse(All::SHAPE, &bytes.unwrap()).ok().unwrap();
    let all: All = parsed.into_input().ok().unwrap();

    assert_eq!((all.text.as_deref(), all.number), (Some("x"), Some(7)));
    assert_eq!(all.bytes.unwrap().expose(), [1]);
    assert_eq!((all.double, all.truth), (Some(1.5), Some(true)));
    assert_eq!(all.at, Some(Timestamp::from_millis(1_000)));
    assert_eq!(all.doubles, Some(vec![1.0]));
    assert_eq!(all.texts.unwrap()["a"], "b");
    let inner = all.inners.unwrap().pop().unwrap();
    assert_eq!(
        (inner.at, inner.value),
        (Timestamp::from_millis(1_000), Some(2.0))
    );
}

#[test]
fn what_is_malformed_or_of_another_type_is_refused() {
    for hex in [
        "80",
        "61 78",
        "a1",
        "a1 64 54657874",
        "a1 64 54657874 01",
        "a1 64 54657874 62 78",
        "a1 64 54657874 61 ff",
        "a1 64 54657874 7f 41 78 ff",
        "a1 64 54657874 7b ffffffffffffffff 78",
        "a1 66 4e756d626572 61 31",
        "a1 66 446f75626c65 f9 7c00",
        "a1 66 446f75626c65 f9 7e00",
        "a1 62 4174 01",
        "a1 62 4174 c0 01",
        "a1 62 4174 c1 61 31",
        "a1 65 5472757468 01",
        "a1 67 446f75626c6573 9b ffffffffffffffff 01",
        "a1 67 446f75626c6573 9f 01",
        "a1 01 01",
        "a1 61 78 ff",
        "a0 00",
        "bf 61 78 ff",
        "a1 61 78 1c",
        "bb ffffffffffffffff",
    ] {
        assert_eq!(read(hex), None, "{hex}");
    }
}

#[test]
fn what_nests_too_deep_is_refused() {
    let nested = |depth: usize| format!("a1 61 78 {} 01", "81".repeat(depth));

    assert_eq!(read(&nested(DEEPEST - 1)), Some(json!({})));
    assert_eq!(read(&nested(DEEPEST)), None);
    assert_eq!(read(&nested(100_000)), None);
}

/// A number that every way of writing it says exactly.
fn exact() -> impl Strategy<Value = f64> {
    any::<i32>().prop_map(|number| f64::from(number) / 64.0)
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse(All::SHAPE, &bytes);
        let named = [b"\xa1\x66Inners".as_slice(), &bytes].concat();
        let _ = parse(All::SHAPE, &named);
    }

    #[test]
    fn a_body_says_the_same_in_json_and_in_cbor(
        text in any::<Option<String>>(), number in any::<Option<i64>>(), double in prop::option::of(exact()),
        truth in any::<Option<bool>>(), doubles in prop::option::of(prop::collection::vec(exact(), 0..30)),
        texts in prop::option::of(prop::collection::btree_map(".{0,3}", ".{0,300}", 0..4)),
    ) {
        let mut body = json!({
            "Text": text, "Number": number, "Double": double, "Truth": truth, "Doubles": doubles,
            "Texts": texts, "Unknown": [text],
        });
        let members = body.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null() && *value != json!([null]));

        let by_cbor = parse(All::SHAPE, &encoded(&body));
        let by_json = crate::parse(All::SHAPE, body.to_string().as_bytes());

        let (Ok(by_cbor), Ok(by_json)) = (by_cbor, by_json) else {
            panic!("refused: {body}")
        };
        prop_assert_eq!(describe_members(&by_cbor.members), describe_members(&by_json.members));
    }

    #[test]
    fn any_document_is_read_or_refused(document in any_document(All::SHAPE)) {
        let _ = parse(All::SHAPE, &encoded(&document));
    }

    #[test]
    fn a_moment_comes_back(millis in -4_000_000_000_000_i64..4_000_000_000_000) {
        let mut out = Buffer::new();
        let mut encoder = Encoder::new(&mut out);
        encoder.map(1);
        encoder.text("At");
        encoder.timestamp(Timestamp::from_millis(millis));
        let bytes = out.into_bytes();

        let parsed = parse(All::SHAPE, &bytes);

        let Ok(parsed) = parsed else { panic!("refused") };
        prop_assert_eq!(describe_members(&parsed.members), json!({ "At": millis }));
    }
}
