use crate::support::{Bench, item, item_at, on_every_engine};
use strongroom_store::StoreError;
use tokio::task::JoinSet;

on_every_engine! {
    a_counter_starts_at_nothing_and_adds_up,
    a_limit_refuses_the_whole_transaction,
    counting_down_is_never_refused,
    counts_of_one_transaction_are_taken_together,
    concurrent_counts_conflict_with_nothing_and_keep_the_limit,
    counters_survive_reopening,
    counters_are_found_by_how_their_names_begin,
}

async fn a_counter_starts_at_nothing_and_adds_up(bench: Bench) {
    let store = bench.store();

    for delta in [3, -1, 5] {
        let mut tx = store.begin();
        tx.count("things", delta, None);
        tx.commit(Vec::new()).await.unwrap();
    }

    assert_eq!(store.counter("things").await.unwrap(), 7);
    assert_eq!(store.counter("others").await.unwrap(), 0);
}

async fn a_limit_refuses_the_whole_transaction(bench: Bench) {
    let store = bench.store();
    let create = async |name: &str| {
        let mut tx = store.begin();
        tx.insert(item("a", name));
        tx.count("items/a", 1, Some(2));
        tx.commit(Vec::new()).await
    };
    create("1").await.unwrap();
    create("2").await.unwrap();

    let answer = create("3").await;

    assert!(
        matches!(&answer, Err(StoreError::LimitReached { counter }) if counter == "items/a"),
        "{answer:?}"
    );
    assert_eq!(item_at(&store, "a", "3").await, None);
    assert_eq!(store.counter("items/a").await.unwrap(), 2);
}

async fn counting_down_is_never_refused(bench: Bench) {
    let store = bench.store();
    let mut tx = store.begin();
    tx.count("things", 10, None);
    tx.commit(Vec::new()).await.unwrap();

    let mut tx = store.begin();
    tx.count("things", -1, Some(2));
    tx.commit(Vec::new()).await.unwrap();

    assert_eq!(store.counter("things").await.unwrap(), 9);
}

async fn counts_of_one_transaction_are_taken_together(bench: Bench) {
    let store = bench.store();

    let mut moved = store.begin();
    moved.count("things", 1, Some(0));
    moved.count("things", -1, None);
    let fits = moved.commit(Vec::new()).await;
    let mut doubled = store.begin();
    doubled.count("things", 1, Some(1));
    doubled.count("things", 1, Some(5));
    let too_many = doubled.commit(Vec::new()).await;

    assert!(fits.is_ok());
    assert!(matches!(too_many, Err(StoreError::LimitReached { .. })));
    assert_eq!(store.counter("things").await.unwrap(), 0);
}

async fn concurrent_counts_conflict_with_nothing_and_keep_the_limit(bench: Bench) {
    let store = bench.store();
    let mut tasks = JoinSet::new();
    for n in 0..50 {
        let store = store.clone();
        tasks.spawn(async move {
            let mut tx = store.begin();
            tx.insert(item("a", &n.to_string()));
            tx.count("items/a", 1, Some(20));
            tx.commit(Vec::new()).await
        });
    }

    let answers = tasks.join_all().await;

    let limited = |answer: &&Result<_, _>| matches!(answer, Err(StoreError::LimitReached { .. }));
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 20);
    assert_eq!(answers.iter().filter(limited).count(), 30);
    assert_eq!(store.counter("items/a").await.unwrap(), 20);
}

async fn counters_survive_reopening(bench: Bench) {
    let store = bench.store();
    let mut tx = store.begin();
    tx.count("things", 4, None);
    tx.commit(Vec::new()).await.unwrap();

    let store = bench.reopen(store).await;

    assert_eq!(store.counter("things").await.unwrap(), 4);
}

async fn counters_are_found_by_how_their_names_begin(bench: Bench) {
    let store = bench.store();
    let mut tx = store.begin();
    for (name, delta) in [
        ("items/b", 2),
        ("items/a", 1),
        ("itemsx", 3),
        ("item", 4),
        ("x", 5),
    ] {
        tx.count(name, delta, None);
    }
    tx.commit(Vec::new()).await.unwrap();

    let all = store.counters("items/", 9).await.unwrap();
    let first = store.counters("items/", 1).await.unwrap();
    let none = store.counters("%", 9).await.unwrap();

    let counter = |name: &str, value| (name.to_owned(), value);
    assert_eq!(all, [counter("items/a", 1), counter("items/b", 2)]);
    assert_eq!(first, [counter("items/a", 1)]);
    assert_eq!(none, []);
}
