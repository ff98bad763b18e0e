use crate::support::{Bench, Item, Twin, item, item_at, on_every_engine, put, read};
use strongroom_store::{CodecError, Column, Key, Kind, Query, Record, StoreError, Value, key};

on_every_engine! {
    an_insert_is_read_back,
    an_update_replaces_and_raises_the_revision,
    a_deleted_record_is_gone,
    a_dropped_transaction_changes_nothing,
    reads_see_the_transactions_own_writes,
    reads_are_repeatable,
    several_writes_of_one_row_become_one,
    an_insert_that_is_deleted_again_leaves_nothing,
    a_recreated_row_has_an_unrelated_revision,
    misuse_is_named,
    an_unencodable_record_is_refused,
    text_of_every_kind_is_kept,
    one_that_only_reads_sees_every_change_and_writes_nothing,
    nothing_works_after_closing,
}

async fn an_insert_is_read_back(bench: Bench) {
    let store = bench.store();
    let written = item("a", "x").due(3).owner("o").text("hello");

    put(&store, [written.clone()]).await;

    assert_eq!(item_at(&store, "a", "x").await, Some(written));
    assert_eq!(item_at(&store, "a", "y").await, None);
    assert_eq!(item_at(&store, "b", "x").await, None);
}

async fn an_update_replaces_and_raises_the_revision(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x").text("old")]).await;
    let mut tx = store.begin();
    let before = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();

    tx.update(item("a", "x").text("new").due(1), before.rev);
    tx.commit(Vec::new()).await.unwrap();

    let after = read::<Item>(&store, &key!["a", "x"])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(*after.record, item("a", "x").text("new").due(1));
    assert_eq!(after.rev.as_i64(), before.rev.as_i64() + 1);
}

async fn a_deleted_record_is_gone(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x"), item("a", "y")]).await;
    let mut tx = store.begin();
    let before = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();

    tx.delete::<Item>(&key!["a", "x"], before.rev);
    tx.commit(Vec::new()).await.unwrap();

    assert_eq!(item_at(&store, "a", "x").await, None);
    assert_eq!(item_at(&store, "a", "y").await, Some(item("a", "y")));
}

async fn a_dropped_transaction_changes_nothing(bench: Bench) {
    let store = bench.store();
    let mut tx = store.begin();

    tx.insert(item("a", "x"));
    drop(tx);

    assert_eq!(item_at(&store, "a", "x").await, None);
    assert_eq!(store.stats().commits, 0);
}

async fn reads_see_the_transactions_own_writes(bench: Bench) {
    let store = bench.store();
    put(
        &store,
        [
            item("a", "1").due(1),
            item("a", "2").due(2),
            item("a", "3").due(3),
        ],
    )
    .await;
    let mut tx = store.begin();
    let one = tx.get::<Item>(&key!["a", "1"]).await.unwrap().unwrap();
    let two = tx.get::<Item>(&key!["a", "2"]).await.unwrap().unwrap();

    tx.update(item("a", "1").due(9), one.rev);
    tx.delete::<Item>(&key!["a", "2"], two.rev);
    tx.insert(item("a", "0").due(4));

    let by_due = |limit| Query::on("by_due", limit);
    let names = |found: Vec<strongroom_store::Versioned<Item>>| {
        let names = found.iter().map(|found| found.record.name.clone());
        names.collect::<Vec<_>>()
    };
    let new = tx.get::<Item>(&key!["a", "1"]).await.unwrap().unwrap();
    assert_eq!(new.record.due, Some(9));
    assert!(tx.get::<Item>(&key!["a", "2"]).await.unwrap().is_none());
    assert!(tx.get::<Item>(&key!["a", "0"]).await.unwrap().is_some());
    assert_eq!(names(tx.query(&by_due(10)).await.unwrap()), ["3", "0", "1"]);
    assert_eq!(names(tx.query(&by_due(2)).await.unwrap()), ["3", "0"]);
    assert_eq!(
        names(tx.query(&by_due(2).descending()).await.unwrap()),
        ["1", "0"]
    );
    assert!(tx.commit(Vec::new()).await.is_ok());
}

async fn reads_are_repeatable(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x").text("old")]).await;
    let mut tx = store.begin();
    let first = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
    let mut other = store.begin();
    other.update(item("a", "x").text("new"), first.rev);
    other.commit(Vec::new()).await.unwrap();

    let second = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();

    assert_eq!(second.record.text, "old");
    assert_eq!(second.rev, first.rev);
}

async fn several_writes_of_one_row_become_one(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let mut tx = store.begin();
    for text in ["1", "2", "3"] {
        let now = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
        tx.update(item("a", "x").text(text), now.rev);
    }
    let now = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
    tx.delete::<Item>(&key!["a", "x"], now.rev);
    tx.insert(item("a", "x").text("4"));

    tx.commit(Vec::new()).await.unwrap();

    assert_eq!(
        item_at(&store, "a", "x").await,
        Some(item("a", "x").text("4"))
    );
}

async fn an_insert_that_is_deleted_again_leaves_nothing(bench: Bench) {
    let store = bench.store();
    let [mut tx, mut late] = [store.begin(), store.begin()];
    for tx in [&mut tx, &mut late] {
        tx.insert(item("a", "x"));
        let now = tx.get::<Item>(&key!["a", "x"]).await.unwrap().unwrap();
        tx.delete::<Item>(&key!["a", "x"], now.rev);
    }

    let in_time = tx.commit(Vec::new()).await;
    put(&store, [item("a", "x")]).await;
    let too_late = late.commit(Vec::new()).await;

    assert!(in_time.is_ok());
    assert!(matches!(too_late, Err(StoreError::Conflict)));
    assert_eq!(item_at(&store, "a", "x").await, Some(item("a", "x")));
}

async fn a_recreated_row_has_an_unrelated_revision(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let old = read::<Item>(&store, &key!["a", "x"])
        .await
        .unwrap()
        .unwrap();
    let mut tx = store.begin();
    tx.delete::<Item>(&key!["a", "x"], old.rev);
    tx.commit(Vec::new()).await.unwrap();

    put(&store, [item("a", "x")]).await;

    let new = read::<Item>(&store, &key!["a", "x"])
        .await
        .unwrap()
        .unwrap();
    let distance = new.rev.as_i64().abs_diff(old.rev.as_i64());
    assert!(distance > 1_000_000, "{distance}");
    assert!(new.rev.as_i64() >= 0);
}

async fn misuse_is_named(bench: Bench) {
    let store = bench.store_of(&[Item::KIND]).unwrap();
    let problem = |answer: StoreError| match answer {
        StoreError::Misuse { problem, .. } => problem,
        other => panic!("{other:?}"),
    };

    let short_key = read::<Item>(&store, &key!["a"]).await.unwrap_err();
    let null_key = read::<Item>(&store, &key!["a", None::<i64>]).await;
    let unknown_kind = read::<Twin>(&store, &key!["a", "x"]).await.unwrap_err();
    let query = Query::on("by_colour", 1);
    let unknown_index = store.begin().query::<Item>(&query).await.unwrap_err();
    let mut tx = store.begin();
    tx.insert(Twin(item("a", "x")));
    let unknown_write = tx.commit(Vec::new()).await.unwrap_err();
    let twice = bench.store_of(&[Item::KIND, Item::KIND]).unwrap_err();

    let key = "the key is not of the kind's key columns";
    assert_eq!(problem(short_key), key);
    assert_eq!(problem(null_key.unwrap_err()), key);
    let kind = "the store was opened without this kind";
    assert_eq!(problem(unknown_kind), kind);
    assert_eq!(problem(unknown_write), kind);
    assert_eq!(
        problem(unknown_index),
        "the query names an index that is not declared"
    );
    assert_eq!(problem(twice), "two kinds share the name");
}

/// A record that cannot be written down, and gives its columns wrongly when told to.
struct Broken {
    columns: Vec<Value>,
}

static BROKEN: Kind = Kind {
    name: "test_broken",
    service: "test",
    version: 1,
    key: &[Column::int("id")],
    columns: &[Column::int("size")],
    indexes: &[],
    cached: true,
};

impl Record for Broken {
    const KIND: &'static Kind = &BROKEN;

    fn key(&self) -> Key {
        key![1_i64]
    }

    fn columns(&self) -> Vec<Value> {
        self.columns.clone()
    }

    fn encode(&self) -> Result<Vec<u8>, CodecError> {
        Err(CodecError::NotEncodable)
    }

    fn decode(_: u16, _: &[u8]) -> Result<Self, CodecError> {
        Err(CodecError::NotDecodable)
    }

    fn weight(&self) -> usize {
        0
    }
}

async fn an_unencodable_record_is_refused(bench: Bench) {
    let store = bench.store_of(&[&BROKEN]).unwrap();
    let mut unencodable = store.begin();
    unencodable.insert(Broken {
        columns: vec![Value::Int(1)],
    });
    let mut mistyped = store.begin();
    mistyped.insert(Broken {
        columns: vec![Value::from("one")],
    });

    let codec = unencodable.commit(Vec::new()).await;
    let misuse = mistyped.commit(Vec::new()).await;

    assert!(matches!(
        codec,
        Err(StoreError::Codec {
            kind: "test_broken",
            source: CodecError::NotEncodable
        })
    ));
    assert!(matches!(
        misuse,
        Err(StoreError::Misuse {
            problem: "the columns are not those of the kind",
            ..
        })
    ));
    assert_eq!(store.stats().commits, 0);
}

async fn text_of_every_kind_is_kept(bench: Bench) {
    let store = bench.store();
    let texts = [
        "",
        " ",
        "a\0b",
        "'; DROP TABLE test_item; --",
        "ß🦀\u{10ffff}",
        "A",
        "a",
    ];
    put(
        &store,
        texts.map(|text| item(text, text).owner(text).text(text)),
    )
    .await;

    for text in texts {
        let found = item_at(&store, text, text).await;

        assert_eq!(found, Some(item(text, text).owner(text).text(text)));
    }
}

async fn nothing_works_after_closing(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let mut late = store.begin();
    late.insert(item("a", "y"));

    store.close().await.unwrap();

    let closed = |answer: Option<StoreError>| matches!(answer, Some(StoreError::Closed));
    let mut tx = store.begin();
    assert!(closed(tx.get::<Item>(&key!["a", "x"]).await.err()));
    assert!(closed(tx.query::<Item>(&Query::primary(1)).await.err()));
    assert!(closed(late.commit(Vec::new()).await.err()));
    assert!(closed(store.counter("things").await.err()));
    assert!(closed(store.outbox(1).await.err()));
    assert!(closed(store.database().meta("ring").await.err()));
    assert!(!store.failed());
    assert!(matches!(
        store.close().await,
        Ok(()) | Err(StoreError::Closed)
    ));
}

async fn one_that_only_reads_sees_every_change_and_writes_nothing(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    let mut reading = store.begin_reading();
    let found = reading.get::<Item>(&key!["a", "x"]).await.unwrap();
    let mut tx = store.begin();
    tx.delete::<Item>(&key!["a", "x"], found.unwrap().rev);
    tx.commit(Vec::new()).await.unwrap();

    let gone = reading.get::<Item>(&key!["a", "x"]).await.unwrap();
    reading.insert(item("a", "y"));
    let refused = reading.commit(Vec::new()).await;

    assert!(gone.is_none());
    assert!(matches!(refused, Err(StoreError::Misuse { .. })));
    assert_eq!(item_at(&store, "a", "y").await, None);
}
