use crate::support::{Bench, item, item_at, on_every_engine, put};
use strongroom_store::{OutboxEntry, Store, StoreError};

on_every_engine! {
    entries_come_in_the_order_of_commits,
    entries_are_written_with_the_change_or_not_at_all,
    entries_survive_reopening_and_leave_when_done,
    numbers_are_never_used_again,
    a_transaction_may_be_nothing_but_an_entry,
    reads_are_validated_when_only_an_entry_is_written,
}

fn entry(seq: u64, body: &str) -> OutboxEntry {
    OutboxEntry {
        seq,
        body: body.into(),
    }
}

async fn tell(store: &Store, bodies: &[&str]) -> Vec<u64> {
    let bodies = bodies.iter().map(|body| body.as_bytes().to_vec()).collect();
    store.begin().commit(bodies).await.unwrap()
}

async fn entries_come_in_the_order_of_commits(bench: Bench) {
    let store = bench.store();

    let first = tell(&store, &["one", "two"]).await;
    let second = tell(&store, &["three"]).await;

    assert_eq!((first, second), (vec![1, 2], vec![3]));
    assert_eq!(
        store.outbox(10).await.unwrap(),
        [entry(1, "one"), entry(2, "two"), entry(3, "three")]
    );
    assert_eq!(store.outbox(1).await.unwrap(), [entry(1, "one")]);
}

async fn entries_are_written_with_the_change_or_not_at_all(bench: Bench) {
    let store = bench.store();
    let mut kept = store.begin();
    kept.insert(item("a", "x"));
    let mut refused = store.begin();
    refused.insert(item("a", "x"));

    kept.commit(vec![b"kept".to_vec()]).await.unwrap();
    let answer = refused.commit(vec![b"refused".to_vec()]).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
    assert_eq!(store.outbox(10).await.unwrap(), [entry(1, "kept")]);
}

async fn entries_survive_reopening_and_leave_when_done(bench: Bench) {
    let store = bench.store();
    tell(&store, &["one", "two", "three"]).await;

    let store = bench.reopen(store).await;
    store.outbox_done(vec![1, 3, 99]).await.unwrap();
    let store = bench.reopen(store).await;

    assert_eq!(store.outbox(10).await.unwrap(), [entry(2, "two")]);
}

async fn numbers_are_never_used_again(bench: Bench) {
    let store = bench.store();
    tell(&store, &["one", "two"]).await;
    store.outbox_done(vec![1, 2]).await.unwrap();
    let store = bench.reopen(store).await;

    let seqs = tell(&store, &["three"]).await;

    assert_eq!(seqs, [3]);
}

async fn a_transaction_may_be_nothing_but_an_entry(bench: Bench) {
    let store = bench.store();

    assert_eq!(tell(&store, &[]).await, Vec::<u64>::new());
    assert_eq!(tell(&store, &["refused"]).await, [1]);
    assert_eq!(store.stats().commits, 1);
}

async fn reads_are_validated_when_only_an_entry_is_written(bench: Bench) {
    let store = bench.store();
    let mut tx = store.begin();
    let key = strongroom_store::key!["a", "x"];
    tx.get::<crate::support::Item>(&key).await.unwrap();
    put(&store, [item("a", "x")]).await;

    let answer = tx.commit(vec![b"there was none".to_vec()]).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
    assert_eq!(item_at(&store, "a", "x").await, Some(item("a", "x")));
    assert_eq!(store.outbox(10).await.unwrap(), []);
}
