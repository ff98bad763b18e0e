use crate::support::{Bench, Item, item, names, on_every_engine, put};
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use strongroom_store::{Query, Record as _, Store, StoreError, Value};

on_every_engine! {
    an_index_orders_by_its_columns_then_the_key,
    rows_with_an_absent_column_are_not_in_the_index,
    ranges_include_and_exclude_their_ends,
    a_prefix_finds_what_begins_with_it,
    pages_join_to_the_whole_in_both_directions,
    a_cursor_goes_on_after_its_record_was_deleted,
    a_bound_before_or_after_the_cursor_still_binds,
    a_limit_of_nothing_reads_nothing,
    a_long_result_comes_whole,
    a_query_of_foreign_values_is_refused,
    a_query_reads_what_the_cache_holds,
    rows_are_counted_up_to_the_limit,
}

async fn stocked(bench: &Bench) -> Store {
    let store = bench.store();
    let items = [
        item("a", "apple").due(5).owner("o"),
        item("a", "banana").due(3).owner("o"),
        item("a", "cherry").owner("o"),
        item("a", "date").due(3),
        item("b", "apple").due(3).owner("o"),
        item("b", "banana").due(4).owner("p"),
        item("b", "elder"),
    ];
    put(&store, items).await;
    store
}

async fn labels(store: &Store, query: &Query) -> String {
    let found = store.begin().query::<Item>(query).await.unwrap();
    let label = |found: &strongroom_store::Versioned<Item>| {
        let Item { account, name, .. } = &*found.record;
        format!("{account}/{name}")
    };
    found.iter().map(label).collect::<Vec<_>>().join(" ")
}

async fn an_index_orders_by_its_columns_then_the_key(bench: Bench) {
    let store = stocked(&bench).await;

    assert_eq!(
        labels(&store, &Query::primary(99)).await,
        "a/apple a/banana a/cherry a/date b/apple b/banana b/elder"
    );
    assert_eq!(
        labels(&store, &Query::on("by_due", 99)).await,
        "a/banana a/date b/apple b/banana a/apple"
    );
    assert_eq!(
        labels(&store, &Query::on("by_name", 99).descending()).await,
        "b/elder a/date a/cherry b/banana a/banana b/apple a/apple"
    );
    assert_eq!(
        labels(&store, &Query::primary(99).equal("b")).await,
        "b/apple b/banana b/elder"
    );
    assert_eq!(
        labels(&store, &Query::primary(99).equal("b").equal("banana")).await,
        "b/banana"
    );
}

async fn rows_with_an_absent_column_are_not_in_the_index(bench: Bench) {
    let store = stocked(&bench).await;

    assert_eq!(
        labels(&store, &Query::on("by_owner", 99)).await,
        "a/banana a/apple b/apple b/banana"
    );
    assert_eq!(
        labels(&store, &Query::on("by_owner", 99).equal("a").equal("o")).await,
        "a/banana a/apple"
    );
}

async fn ranges_include_and_exclude_their_ends(bench: Bench) {
    let store = stocked(&bench).await;
    let due = |from: Bound<i64>, to: Bound<i64>| Query::on("by_due", 99).from(from).to(to);

    let cases = [
        (
            due(Included(3), Unbounded),
            "a/banana a/date b/apple b/banana a/apple",
        ),
        (due(Excluded(3), Unbounded), "b/banana a/apple"),
        (
            due(Unbounded, Included(4)),
            "a/banana a/date b/apple b/banana",
        ),
        (due(Unbounded, Excluded(4)), "a/banana a/date b/apple"),
        (due(Excluded(3), Excluded(5)), "b/banana"),
        (due(Excluded(3), Excluded(5)).descending(), "b/banana"),
        (due(Included(4), Included(4)), "b/banana"),
        (due(Excluded(4), Excluded(4)), ""),
        (due(Included(5), Included(3)), ""),
        (
            due(Included(4), Included(5)).descending(),
            "a/apple b/banana",
        ),
    ];

    for (query, expected) in cases {
        assert_eq!(labels(&store, &query).await, expected, "{query:?}");
    }
}

async fn a_prefix_finds_what_begins_with_it(bench: Bench) {
    let store = bench.store();
    let top = char::MAX.to_string();
    let all = [
        "",
        "db",
        "db/",
        "db/a",
        "db/z",
        "db0",
        "dc",
        &top,
        &format!("{top}x"),
    ];
    put(&store, all.map(|name| item("a", name))).await;
    let find = |prefix: &str| Query::primary(99).equal("a").starting_with(prefix);

    assert_eq!(names(&store, &find("db/")).await, ["db/", "db/a", "db/z"]);
    assert_eq!(names(&store, &find("")).await, all);
    assert_eq!(names(&store, &find("x")).await, Vec::<String>::new());
    assert_eq!(
        names(&store, &find(&top)).await,
        [top.clone(), format!("{top}x")]
    );
}

async fn pages_join_to_the_whole_in_both_directions(bench: Bench) {
    let store = stocked(&bench).await;
    let starts = [
        Query::primary(99),
        Query::primary(99).equal("a"),
        Query::on("by_due", 99),
        Query::on("by_due", 99).from(Excluded(3_i64)),
        Query::on("by_due", 99).equal(3_i64),
        Query::on("by_owner", 99).equal("a").equal("o"),
        Query::on("by_name", 99)
            .from(Included("b"))
            .to(Included("d")),
    ];
    let both = starts
        .clone()
        .into_iter()
        .chain(starts.map(Query::descending));

    for query in both {
        let whole = store.begin().query::<Item>(&query).await.unwrap();
        let mut joined = Vec::new();
        let mut page_query = query.clone().with_limit(2);
        loop {
            let page = store.begin().query::<Item>(&page_query).await.unwrap();
            let Some(last) = page.last() else { break };
            page_query = page_query.clone().after(query.cursor(&*last.record));
            joined.extend(page);
        }

        let items = |found: &[strongroom_store::Versioned<Item>]| {
            let items = found.iter().map(|found| (*found.record).clone());
            items.collect::<Vec<_>>()
        };
        assert_eq!(items(&joined), items(&whole), "{query:?}");
    }
}

async fn a_cursor_goes_on_after_its_record_was_deleted(bench: Bench) {
    let store = stocked(&bench).await;
    let query = Query::primary(1).equal("a");
    let mut tx = store.begin();
    let first = tx.query::<Item>(&query).await.unwrap();
    tx.delete::<Item>(
        &strongroom_store::Record::key(&*first[0].record),
        first[0].rev,
    );
    tx.commit(Vec::new()).await.unwrap();

    let next = query.clone().after(query.cursor(&*first[0].record));

    assert_eq!(labels(&store, &next).await, "a/banana");
}

async fn a_bound_before_or_after_the_cursor_still_binds(bench: Bench) {
    let store = stocked(&bench).await;
    let cursor = |due: i64| vec![Value::Int(due), "a".into(), "b".into()];
    let up = |bound: Bound<i64>| Query::on("by_due", 99).from(bound);
    let down = |bound: Bound<i64>| Query::on("by_due", 99).descending().to(bound);

    let cases = [
        (up(Included(4)).after(cursor(1)), "b/banana a/apple"),
        (up(Excluded(3)).after(cursor(3)), "b/banana a/apple"),
        (
            up(Included(3)).after(cursor(3)),
            "a/banana a/date b/apple b/banana a/apple",
        ),
        (up(Included(1)).after(cursor(4)), "b/banana a/apple"),
        (
            down(Included(4)).after(cursor(9)),
            "b/banana b/apple a/date a/banana",
        ),
        (
            down(Excluded(5)).after(cursor(5)),
            "b/banana b/apple a/date a/banana",
        ),
        (
            down(Included(9)).after(cursor(4)),
            "b/apple a/date a/banana",
        ),
        (
            up(Included(1)).to(Excluded(5_i64)).after(cursor(4)),
            "b/banana",
        ),
    ];

    for (query, expected) in cases {
        assert_eq!(labels(&store, &query).await, expected, "{query:?}");
    }
}

async fn a_limit_of_nothing_reads_nothing(bench: Bench) {
    let store = stocked(&bench).await;

    assert_eq!(labels(&store, &Query::primary(0)).await, "");
}

async fn a_long_result_comes_whole(bench: Bench) {
    let store = bench.store();
    let all: Vec<String> = (0..1_000).map(|n| format!("{n:04}")).collect();
    put(&store, all.iter().map(|name| item("a", name))).await;

    assert_eq!(names(&store, &Query::primary(5_000)).await, all);
    assert_eq!(names(&store, &Query::primary(700)).await, all[..700]);
    assert_eq!(
        names(&store, &Query::primary(512).descending()).await,
        all.iter().rev().take(512).cloned().collect::<Vec<_>>()
    );
}

async fn a_query_of_foreign_values_is_refused(bench: Bench) {
    let store = stocked(&bench).await;
    let primary = || Query::primary(9);
    let queries = [
        primary().equal(1_i64),
        primary().equal("a").equal("b").equal("c"),
        primary().equal(None::<i64>),
        primary().equal("a").from(Included(3_i64)),
        primary().equal("a").equal("b").from(Included("c")),
        primary().after(vec!["a".into()]),
        primary().after(Vec::new()),
        primary().equal("a").equal("apple").after(Vec::new()),
        primary().after(vec!["a".into(), Value::Int(1)]),
    ];

    for query in queries {
        let answer = store.begin().query::<Item>(&query).await;

        assert!(
            matches!(answer, Err(StoreError::Misuse { .. })),
            "{query:?}"
        );
    }
}

async fn a_query_reads_what_the_cache_holds(bench: Bench) {
    let store = stocked(&bench).await;
    let key = strongroom_store::key!["a", "apple"];
    let cached = store.begin().get::<Item>(&key).await.unwrap().unwrap();

    let found = store
        .begin()
        .query::<Item>(&Query::primary(1))
        .await
        .unwrap();

    assert!(std::sync::Arc::ptr_eq(&cached.record, &found[0].record));
}

async fn rows_are_counted_up_to_the_limit(bench: Bench) {
    let store = stocked(&bench).await;
    let due = |limit| Query::on("by_due", limit).to(Included(3));

    assert_eq!(store.count(Item::KIND, &due(99)).await.unwrap(), 3);
    assert_eq!(store.count(Item::KIND, &due(2)).await.unwrap(), 2);
    let foreign = Query::on("by_nothing", 9);
    assert!(matches!(
        store.count(Item::KIND, &foreign).await,
        Err(StoreError::Misuse { .. })
    ));
}
