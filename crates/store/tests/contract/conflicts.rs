use crate::support::{Bench, Item, Twin, item, item_at, on_every_engine, put, read};
use strongroom_store::{Query, StoreError, key};

on_every_engine! {
    inserting_a_taken_key_is_a_conflict,
    the_second_of_two_updates_of_one_revision_conflicts,
    deleting_an_older_revision_conflicts,
    write_skew_is_refused,
    a_phantom_in_a_query_is_refused,
    a_row_that_leaves_a_query_is_refused,
    a_change_outside_the_query_is_no_conflict,
    an_absence_that_was_read_is_validated,
    a_reading_that_a_later_insert_contradicts_is_validated,
    a_read_only_transaction_is_not_validated,
    a_refused_transaction_writes_nothing_at_all,
    writing_twice_on_different_bases_is_refused,
}

async fn inserting_a_taken_key_is_a_conflict(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x").text("first")]).await;
    let mut tx = store.begin();

    tx.insert(item("a", "x").text("second"));
    let answer = tx.commit(Vec::new()).await;

    assert!(matches!(answer, Err(StoreError::Conflict)), "{answer:?}");
    assert_eq!(
        item_at(&store, "a", "x").await,
        Some(item("a", "x").text("first"))
    );
}

async fn the_second_of_two_updates_of_one_revision_conflicts(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let [mut one, mut two] = [store.begin(), store.begin()];
    let seen_by_one = one.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
    let seen_by_two = two.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();

    one.update(item("a", "x").text("one"), seen_by_one.rev);
    two.update(item("a", "x").text("two"), seen_by_two.rev);
    let first = one.commit(Vec::new()).await;
    let second = two.commit(Vec::new()).await;

    assert!(first.is_ok());
    assert!(matches!(second, Err(StoreError::Conflict)));
    assert_eq!(
        item_at(&store, "a", "x").await,
        Some(item("a", "x").text("one"))
    );
}

async fn deleting_an_older_revision_conflicts(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let old = read::<Item>(&store, &key!["a", "x"])
        .await
        .unwrap()
        .unwrap();
    let mut tx = store.begin();
    tx.update(item("a", "x").text("new"), old.rev);
    tx.commit(Vec::new()).await.unwrap();

    let mut tx = store.begin();
    tx.delete::<Item>(&key!["a", "x"], old.rev);
    let answer = tx.commit(Vec::new()).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
    assert_eq!(
        item_at(&store, "a", "x").await,
        Some(item("a", "x").text("new"))
    );
}

async fn write_skew_is_refused(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x"), item("a", "y")]).await;
    let [mut one, mut two] = [store.begin(), store.begin()];
    for tx in [&mut one, &mut two] {
        tx.get::<Item>(&key!["a", "x"]).await.unwrap();
        tx.get::<Item>(&key!["a", "y"]).await.unwrap();
    }
    let x = one.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
    let y = two.get::<Item>(&key!["a", "y"]).await.unwrap().unwrap();

    one.delete::<Item>(&key!["a", "x"], x.rev);
    two.delete::<Item>(&key!["a", "y"], y.rev);
    let answers = (one.commit(Vec::new()).await, two.commit(Vec::new()).await);

    assert!(matches!(answers, (Ok(_), Err(StoreError::Conflict))));
    assert_eq!(item_at(&store, "a", "y").await, Some(item("a", "y")));
}

async fn a_phantom_in_a_query_is_refused(bench: Bench) {
    let store = bench.store();
    let everyone = Query::primary(10).equal("a");
    let mut tx = store.begin();
    assert_eq!(tx.query::<Item>(&everyone).await.unwrap().len(), 0);
    put(&store, [item("a", "x")]).await;

    tx.insert(item("b", "only if a is empty"));
    let answer = tx.commit(Vec::new()).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
    assert_eq!(item_at(&store, "b", "only if a is empty").await, None);
}

async fn a_row_that_leaves_a_query_is_refused(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x").due(1)]).await;
    let mut tx = store.begin();
    let due = Query::on("by_due", 10).equal(1_i64);
    let found = tx.query::<Item>(&due).await.unwrap();
    let mut other = store.begin();
    other.update(item("a", "x").due(2), found[0].rev);
    other.commit(Vec::new()).await.unwrap();

    tx.insert(item("b", "y"));
    let answer = tx.commit(Vec::new()).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
}

async fn a_change_outside_the_query_is_no_conflict(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "l"), item("a", "m"), item("a", "n")]).await;
    let mut tx = store.begin();
    let first_two = Query::primary(2).equal("a");
    assert_eq!(tx.query::<Item>(&first_two).await.unwrap().len(), 2);
    put(&store, [item("a", "z"), item("b", "a")]).await;

    tx.insert(item("c", "c"));
    let answer = tx.commit(Vec::new()).await;

    assert!(answer.is_ok(), "{answer:?}");
}

async fn an_absence_that_was_read_is_validated(bench: Bench) {
    let store = bench.store();
    let mut tx = store.begin();
    assert!(tx.get::<Item>(&key!["a", "x"]).await.unwrap().is_none());
    put(&store, [item("a", "x")]).await;

    tx.insert(item("a", "y"));
    let answer = tx.commit(Vec::new()).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
    assert_eq!(item_at(&store, "a", "y").await, None);
}

async fn a_reading_that_a_later_insert_contradicts_is_validated(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let mut tx = store.begin();
    let seen = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
    let mut other = store.begin();
    other.delete::<Item>(&key!["a", "x"], seen.rev);
    other.commit(Vec::new()).await.unwrap();

    tx.insert(item("a", "x").text("again"));
    let answer = tx.commit(Vec::new()).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
    assert_eq!(item_at(&store, "a", "x").await, None);
}

async fn a_read_only_transaction_is_not_validated(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let mut tx = store.begin();
    let seen = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
    let mut other = store.begin();
    other.delete::<Item>(&key!["a", "x"], seen.rev);
    other.commit(Vec::new()).await.unwrap();

    let answer = tx.commit(Vec::new()).await;

    assert_eq!(answer.unwrap(), Vec::<u64>::new());
}

async fn a_refused_transaction_writes_nothing_at_all(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "taken")]).await;
    let mut tx = store.begin();
    tx.insert(item("a", "free"));
    tx.insert(Twin(item("a", "free")));
    tx.count("things", 1, None);
    tx.insert(item("a", "taken"));

    let answer = tx.commit(vec![b"told".to_vec()]).await;

    assert!(matches!(answer, Err(StoreError::Conflict)));
    assert_eq!(item_at(&store, "a", "free").await, None);
    assert!(
        read::<Twin>(&store, &key!["a", "free"])
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(store.counter("things").await.unwrap(), 0);
    assert_eq!(store.outbox(10).await.unwrap(), []);
}

async fn writing_twice_on_different_bases_is_refused(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let seen = read::<Item>(&store, &key!["a", "x"])
        .await
        .unwrap()
        .unwrap();
    let mut inserted_twice = store.begin();
    inserted_twice.insert(item("a", "y"));
    inserted_twice.insert(item("a", "y"));
    let mut updated_twice = store.begin();
    updated_twice.update(item("a", "x"), seen.rev);
    updated_twice.update(item("a", "x"), seen.rev);
    let mut deleted_twice = store.begin();
    deleted_twice.delete::<Item>(&key!["a", "x"], seen.rev);
    deleted_twice.delete::<Item>(&key!["a", "x"], seen.rev);

    for tx in [inserted_twice, updated_twice, deleted_twice] {
        let answer = tx.commit(Vec::new()).await;

        assert!(matches!(answer, Err(StoreError::Conflict)));
    }
}
