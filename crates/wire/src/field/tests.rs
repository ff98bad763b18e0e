use super::*;
use crate::fixture::Tag;

const TEXT: Shape = Shape::text(0, 9);
const SENSITIVE: Shape = Shape::text(0, 9).sensitive();
const BLOB: Shape = Shape::blob(0, 9);
const INTEGER: Shape = Shape::integer();
const LONG: Shape = Shape::long();
const BOOLEAN: Shape = Shape::boolean();
const TEXTS: Shape = Shape::list(&TEXT, 0, 9);
const SENSITIVE_TEXTS: Shape = Shape::list(&SENSITIVE, 0, 9);
const TAG: Shape = Shape::structure(Tag::SHAPE);
const TAGS: Shape = Shape::list(&TAG, 0, 9);

const ALL: [Shape; 10] = [
    TEXT,
    SENSITIVE,
    BLOB,
    INTEGER,
    LONG,
    BOOLEAN,
    TEXTS,
    SENSITIVE_TEXTS,
    TAG,
    TAGS,
];

/// The places in [`ALL`] of the shapes that a `T` can hold.
fn held_by<T: Field>() -> Vec<usize> {
    (0..ALL.len())
        .filter(|place| T::KIND.fits(&ALL[*place]))
        .collect()
}

/// One value for each shape of [`ALL`], and `null` at the end.
fn values() -> Vec<Value> {
    let secret = || Value::Secret(Plaintext::from(vec![7]));
    let tag = || {
        let mut members = Members::empty(Tag::SHAPE);
        members.set(0, Some(Value::Text("k".into())));
        Value::Structure(members)
    };
    vec![
        Value::Text("a".into()),
        secret(),
        secret(),
        Value::Integer(1),
        Value::Integer(2),
        Value::Boolean(true),
        Value::List(vec![Value::Text("a".into())]),
        Value::List(vec![secret()]),
        tag(),
        Value::List(vec![tag()]),
        Value::Null,
    ]
}

/// The places in [`values`] of what a `T` can be made from.
fn made_from<T: Field>() -> Vec<usize> {
    values()
        .into_iter()
        .enumerate()
        .filter_map(|(place, value)| T::from_value(Some(value)).map(|_| place))
        .collect()
}

#[test]
fn a_type_fits_the_shapes_that_it_can_hold_and_no_other() {
    let fitting = [
        (held_by::<String>(), vec![0]),
        (held_by::<Plaintext>(), vec![1, 2]),
        (held_by::<i64>(), vec![3, 4]),
        (held_by::<bool>(), vec![5]),
        (held_by::<Vec<String>>(), vec![6]),
        (held_by::<Vec<Plaintext>>(), vec![7]),
        (held_by::<Tag>(), vec![8]),
        (held_by::<Vec<Tag>>(), vec![9]),
        (held_by::<Option<Vec<Tag>>>(), vec![9]),
        (held_by::<Option<i64>>(), vec![3, 4]),
    ];

    for (held, expected) in fitting {
        assert_eq!(held, expected);
    }
}

#[test]
fn a_field_is_made_from_the_values_of_its_shapes_and_no_other() {
    let made = [
        (made_from::<String>(), vec![0]),
        (made_from::<Plaintext>(), vec![1, 2]),
        (made_from::<i64>(), vec![3, 4]),
        (made_from::<bool>(), vec![5]),
        (made_from::<Vec<String>>(), vec![6]),
        (made_from::<Vec<Plaintext>>(), vec![7]),
        (made_from::<Tag>(), vec![8]),
        (made_from::<Vec<Tag>>(), vec![9]),
        (made_from::<Option<Vec<Tag>>>(), vec![9]),
        (made_from::<Option<i64>>(), vec![3, 4]),
    ];

    for (made, expected) in made {
        assert_eq!(made, expected);
    }
}

#[test]
fn only_an_option_can_be_absent() {
    assert!(Option::<String>::KIND.is_optional() && !String::KIND.is_optional());
    assert!(String::from_value(None).is_none());
    assert!(Plaintext::from_value(None).is_none());
    assert!(i64::from_value(None).is_none());
    assert!(bool::from_value(None).is_none());
    assert!(Vec::<String>::from_value(None).is_none());
    assert!(Tag::from_value(None).is_none());
    assert_eq!(Option::<String>::from_value(None), Some(None));
}

#[test]
fn one_unfit_item_makes_a_list_unfit() {
    let mixed = Value::List(vec![Value::Text("a".into()), Value::Null]);

    assert_eq!(Vec::<String>::from_value(Some(mixed)), None);
}

#[test]
fn a_structure_without_a_required_member_is_unfit() {
    let empty = Value::Structure(Members::empty(Tag::SHAPE));

    assert!(Tag::from_value(Some(empty)).is_none());
}

#[test]
fn more_fields_than_members_are_a_mismatch() {
    let mut values = Members::empty(Tag::SHAPE).into_values();

    let taken: Vec<_> = (0..5)
        .map(|_| values.take_next::<Option<String>>().is_ok())
        .collect();

    assert_eq!(taken, [true; 5], "absent members fit an `Option`");
    assert_eq!(values.take_next::<String>(), Err(Mismatch { member: "" }));
}

crate::input! {
    /// An operation without parameters.
    struct Nothing {}
}

#[test]
fn an_operation_may_take_nothing() {
    let from_json = crate::parse(Nothing::SHAPE, br#"{"Unheard":1}"#);
    let from_form = crate::query::parse(b"Action=X&Unheard=1")
        .ok()
        .and_then(|request| request.parse_input(Nothing::SHAPE).ok());

    for parsed in [from_json.ok(), from_form].map(Option::unwrap) {
        assert_eq!(parsed.request_parameters(), "{}");
        assert_eq!(parsed.validate(), Ok(()));
        assert!(parsed.into_input::<Nothing>().is_ok());
    }
    assert!(Nothing::from_value(Some(Value::Structure(Members::empty(Nothing::SHAPE)))).is_some());
    assert!(Nothing::from_value(Some(Value::Boolean(true))).is_none());
}

#[test]
fn what_was_sent_as_nothing_takes_no_places() {
    let mut members = Members::empty(Tag::SHAPE);
    members.set(1, None);

    let places = members
        .iter()
        .map(|(member, value)| (member.name, value.is_some()));

    assert_eq!(
        places.collect::<Vec<_>>(),
        [("Key", false), ("Value", false), ("Hosts", false)]
    );
    assert_eq!(members.held(), 0);
}
