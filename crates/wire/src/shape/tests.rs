use super::*;
use crate::Input;
use crate::fixture::{Everything, HOURS, Login, Rules, Tag};

#[test]
fn builders_set_what_they_name() {
    let text = Shape::text(2, 3).matching(&HOURS).sensitive().in_bytes();
    let Shape::Text(text) = text.worded("It must be hours.") else {
        panic!("not a text");
    };
    let Shape::Integer(number) = Shape::long().between(-1, 1) else {
        panic!("not a number");
    };
    let Shape::Integer(unbounded) = Shape::integer() else {
        panic!("not a number");
    };

    assert_eq!((text.min, text.max, text.unit), (2, 3, Unit::Bytes));
    assert_eq!(text.pattern.map(|pattern| pattern.text), Some("[0-9]+h"));
    assert_eq!(text.worded, Some("It must be hours."));
    assert!(text.sensitive && text.one_of.is_empty());
    assert_eq!(
        (number.min, number.max, number.long),
        (Some(-1), Some(1), true)
    );
    assert_eq!(
        (unbounded.min, unbounded.max, unbounded.long),
        (None, None, false)
    );
}

#[test]
fn a_member_is_optional_and_not_audited_unless_marked() {
    const TEXT: Shape = Shape::text(0, 1);
    let plain = Member::new("A", &TEXT);

    let marked = plain.required().audited();

    assert_eq!((plain.required, plain.audited), (false, false));
    assert_eq!((marked.required, marked.audited), (true, true));
    assert_eq!((marked.name, plain.name), ("A", "A"));
}

#[test]
fn a_length_is_counted_in_its_unit() {
    let length = |shape, text| match shape {
        Shape::Text(rules) => rules.length(text),
        _ => panic!("not a text"),
    };

    assert_eq!(length(Shape::text(0, 9), "aé\u{1f600}"), 3);
    assert_eq!(length(Shape::text(0, 9).in_bytes(), "aé\u{1f600}"), 7);
}

#[test]
fn a_shape_is_confidential_when_any_part_of_it_is() {
    const SECRET: Shape = Shape::text(0, 9).sensitive();
    const LOGIN: Shape = Shape::structure(Login::SHAPE);
    let confidential = [
        SECRET,
        Shape::blob(0, 9),
        Shape::list(&SECRET, 0, 9),
        LOGIN,
        Shape::list(&LOGIN, 0, 9),
        Shape::structure(Everything::SHAPE),
    ];
    let public = [
        Shape::text(0, 9),
        Shape::one_of(&["a"]),
        Shape::integer(),
        Shape::boolean(),
        Shape::structure(Tag::SHAPE),
        Shape::structure(Rules::SHAPE),
    ];

    assert_eq!(confidential.map(|shape| shape.is_confidential()), [true; 6]);
    assert_eq!(public.map(|shape| shape.is_confidential()), [false; 6]);
}

#[test]
fn a_declaration_keeps_the_order_and_the_flags_of_its_fields() {
    let declared: Vec<_> = Tag::SHAPE
        .members
        .iter()
        .map(|member| (member.name, member.required, member.audited))
        .collect();

    assert_eq!(
        declared,
        [
            ("Key", true, true),
            ("Value", false, false),
            ("Hosts", false, true)
        ]
    );
}

#[test]
fn a_pattern_decides_its_own_examples() {
    assert!((HOURS.matches)(HOURS.example));
    assert!(!(HOURS.matches)(HOURS.counterexample));
}

#[test]
#[should_panic(expected = "only a text takes this constraint")]
fn a_number_takes_no_pattern() {
    let _ = Shape::integer().matching(&HOURS);
}

#[test]
#[should_panic(expected = "only a number takes this constraint")]
fn a_text_takes_no_range() {
    let _ = Shape::text(0, 1).between(0, 1);
}
