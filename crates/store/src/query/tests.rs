use super::*;
use crate::{Column, Index};
use proptest::prelude::*;
use std::ops::Bound::{Excluded, Included, Unbounded};

static KIND: Kind = Kind {
    name: "test_thing",
    service: "test",
    version: 1,
    key: &[Column::int("id")],
    columns: &[Column::int("due")],
    indexes: &[Index {
        name: "by_due",
        columns: &["due"],
    }],
    cached: false,
};

fn numbers(values: &[i64]) -> Vec<Value> {
    values.iter().copied().map(Value::Int).collect()
}

fn bound() -> impl Strategy<Value = Bound<i64>> {
    prop_oneof![
        Just(Unbounded),
        (0_i64..5).prop_map(Included),
        (0_i64..5).prop_map(Excluded),
    ]
}

proptest! {
    /// Dropping what the cursor or the bound implies changes no result.
    #[test]
    fn a_plan_admits_what_its_query_says(
        from in bound(),
        to in bound(),
        descending: bool,
        after in prop::option::of((0_i64..5, 0_i64..5)),
        row in (0_i64..5, 0_i64..5),
    ) {
        let mut query = Query::on("by_due", 9).from(from).to(to);
        query.descending = descending;
        query.after = after.map(|(due, id)| numbers(&[due, id]));
        let plan = Plan::resolve(&KIND, &query).unwrap();

        let (key, columns) = (numbers(&[row.1]), numbers(&[row.0]));
        let place = plan.place(&key, &columns).unwrap();
        let admitted = plan.admits(&place);

        let in_range = std::ops::RangeBounds::contains(&(from, to), &row.0);
        let is_after = match after {
            Some(after) if descending => row < after,
            Some(after) => row > after,
            None => true,
        };
        prop_assert_eq!(admitted, in_range && is_after);
        let start = if descending { &plan.to } else { &plan.from };
        prop_assert!(plan.after.is_none() || *start == Unbounded);
    }

    #[test]
    fn a_prefix_ends_where_texts_stop_beginning_with_it(
        prefix in "[ab\u{d7ff}\u{10ffff}]{0,3}",
        text in "[ab\u{d7ff}\u{e000}\u{10ffff}]{0,5}",
    ) {
        let end = end_of_prefix(&prefix);

        let in_range = text >= prefix && end.is_none_or(|end| text < end);

        prop_assert_eq!(in_range, text.starts_with(&prefix));
    }
}

#[test]
fn a_row_with_an_absent_column_has_no_place() {
    let plan = Plan::resolve(&KIND, &Query::on("by_due", 9)).unwrap();

    let key = numbers(&[1]);

    assert_eq!(plan.place(&key, &[Value::Null]), None);
    assert_eq!(
        plan.place(&key, &[Value::Int(7)]),
        Some(vec![&Value::Int(7), &Value::Int(1)])
    );
}
