//! The engine is untrusted: what someone with the file does to it is found out.

use crate::support::{Bench, Item, Twin, item, item_at, names, put, read};
use strongroom_store::{Query, Store, StoreError, key};

/// Three items and a twin, stored, with the store closed.
async fn stored() -> Bench {
    let bench = Bench::sqlite();
    let store = bench.store();
    let mut tx = store.begin();
    for (name, due) in [("x", 1), ("y", 2), ("z", 3)] {
        tx.insert(item("a", name).due(due).text("secret"));
    }
    tx.insert(Twin(item("a", "x").due(1).text("secret")));
    tx.commit(vec![b"told".to_vec()]).await.unwrap();
    store.close().await.unwrap();
    bench
}

/// Runs `sql` on the file and opens a store over it.
fn tampered(bench: &Bench, sql: &str) -> Store {
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    let changed = raw.execute(sql, []).unwrap();
    assert_eq!(changed, 1, "{sql}");
    drop(raw);
    bench.store()
}

async fn assert_corrupt(store: &Store, name: &str) {
    let answer = read::<Item>(store, &key!["a", name]).await;
    assert!(
        matches!(answer, Err(StoreError::Corrupt { kind: "test_item" })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_changed_body_is_refused() {
    let bench = stored().await;
    let store = tampered(
        &bench,
        "UPDATE test_item SET body = zeroblob(length(body)) WHERE name = 'x'",
    );

    assert_corrupt(&store, "x").await;
    assert!(item_at(&store, "a", "y").await.is_some());
}

#[tokio::test]
async fn every_flipped_byte_of_a_body_is_refused() {
    let bench = stored().await;
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    let body: Vec<u8> = raw
        .query_row("SELECT body FROM test_item WHERE name = 'x'", [], |row| {
            row.get(0)
        })
        .unwrap();
    let store = bench.store();

    for at in 0..body.len() {
        let mut flipped = body.clone();
        flipped[at] ^= 1;
        raw.execute("UPDATE test_item SET body = ?1 WHERE name = 'x'", [flipped])
            .unwrap();

        assert_corrupt(&store, "x").await;
    }
}

#[tokio::test]
async fn a_shortened_or_missing_body_is_refused() {
    for body in [
        "x''",
        "substr(body, 1, length(body) - 1)",
        "substr(body, 1, 8)",
    ] {
        let bench = stored().await;
        let sql = format!("UPDATE test_item SET body = {body} WHERE name = 'x'");
        let store = tampered(&bench, &sql);

        assert_corrupt(&store, "x").await;
    }
}

#[tokio::test]
async fn a_body_moved_to_another_row_is_refused() {
    let bench = stored().await;
    let store = tampered(
        &bench,
        "UPDATE test_item SET (body, rev, due) = \
         (SELECT body, rev, due FROM test_item WHERE name = 'y') WHERE name = 'x'",
    );

    assert_corrupt(&store, "x").await;
}

#[tokio::test]
async fn a_body_moved_to_another_kind_is_refused() {
    let bench = stored().await;
    let store = tampered(
        &bench,
        "UPDATE test_item SET (body, rev, due) = \
         (SELECT body, rev, due FROM test_twin WHERE name = 'x') WHERE name = 'x'",
    );

    assert_corrupt(&store, "x").await;
}

#[tokio::test]
async fn a_revision_rolled_forward_is_refused() {
    let bench = stored().await;
    let store = tampered(
        &bench,
        "UPDATE test_item SET rev = rev + 1 WHERE name = 'x'",
    );

    assert_corrupt(&store, "x").await;
}

#[tokio::test]
async fn an_older_body_in_a_later_revision_is_refused() {
    let bench = stored().await;
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    raw.execute(
        "CREATE TABLE kept AS SELECT body FROM test_item WHERE name = 'x'",
        [],
    )
    .unwrap();
    let store = bench.store();
    let seen = read::<Item>(&store, &key!["a", "x"])
        .await
        .unwrap()
        .unwrap();
    let mut tx = store.begin();
    tx.update(item("a", "x").due(1).text("changed"), seen.rev);
    tx.commit(Vec::new()).await.unwrap();
    store.close().await.unwrap();

    let store = tampered(
        &bench,
        "UPDATE test_item SET body = (SELECT body FROM kept) WHERE name = 'x'",
    );

    assert_corrupt(&store, "x").await;
}

#[tokio::test]
async fn the_body_of_a_deleted_row_does_not_open_in_the_recreated_one() {
    let bench = stored().await;
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    raw.execute(
        "CREATE TABLE kept AS SELECT body FROM test_item WHERE name = 'x'",
        [],
    )
    .unwrap();
    let store = bench.store();
    let seen = read::<Item>(&store, &key!["a", "x"])
        .await
        .unwrap()
        .unwrap();
    let mut tx = store.begin();
    tx.delete::<Item>(&key!["a", "x"], seen.rev);
    tx.commit(Vec::new()).await.unwrap();
    put(&store, [item("a", "x").due(1).text("another")]).await;
    store.close().await.unwrap();

    let store = tampered(
        &bench,
        "UPDATE test_item SET body = (SELECT body FROM kept) WHERE name = 'x'",
    );

    assert_corrupt(&store, "x").await;
}

#[tokio::test]
async fn a_row_filed_under_another_key_is_refused() {
    let bench = stored().await;
    let store = tampered(&bench, "UPDATE test_item SET name = 'w' WHERE name = 'x'");

    assert_corrupt(&store, "w").await;
    assert_eq!(item_at(&store, "a", "x").await, None);
}

#[tokio::test]
async fn an_edited_index_column_is_refused() {
    for edit in ["due = 7", "due = NULL", "owner = 'mallory'"] {
        let bench = stored().await;
        let sql = format!("UPDATE test_item SET {edit} WHERE name = 'x'");
        let store = tampered(&bench, &sql);

        assert_corrupt(&store, "x").await;
        let by_due = names(&store, &Query::on("by_due", 9)).await;
        assert_eq!(by_due, ["y", "z"], "{edit}");
    }
}

#[tokio::test]
async fn an_index_column_edited_behind_the_cache_is_left_out() {
    let bench = stored().await;
    let store = bench.store();
    assert!(item_at(&store, "a", "x").await.is_some());
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    raw.execute("UPDATE test_item SET due = 9 WHERE name = 'x'", [])
        .unwrap();

    let by_due = names(&store, &Query::on("by_due", 9)).await;

    assert_eq!(by_due, ["y", "z"]);
    assert_eq!(store.corrupt_rows(), 1);
}

#[tokio::test]
async fn a_corrupt_row_is_left_out_of_a_query_and_counted() {
    let bench = stored().await;
    let store = tampered(&bench, "UPDATE test_item SET body = x'00' WHERE name = 'x'");

    let all = names(&store, &Query::primary(9)).await;
    let page = names(&store, &Query::primary(2)).await;
    let first = names(&store, &Query::primary(1)).await;

    assert_eq!(all, ["y", "z"]);
    // The page is filled with what follows, so that a short page still means the end.
    assert_eq!(page, ["y", "z"]);
    assert_eq!(first, ["y"]);
    assert_eq!(store.corrupt_rows(), 3);
    assert_eq!(store.stats().corrupt_rows, 3);
}

#[tokio::test]
async fn a_key_that_is_no_text_is_left_out() {
    let bench = stored().await;
    let store = tampered(
        &bench,
        "UPDATE test_item SET name = CAST(x'ff' AS TEXT) WHERE name = 'y'",
    );

    assert_eq!(names(&store, &Query::primary(9)).await, ["x", "z"]);
    assert_eq!(store.corrupt_rows(), 1);
}

#[tokio::test]
async fn a_corrupt_row_can_be_replaced() {
    let bench = stored().await;
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    let rev: i64 = raw
        .query_row("SELECT rev FROM test_item WHERE name = 'y'", [], |row| {
            row.get(0)
        })
        .unwrap();
    drop(raw);
    let store = bench.store();
    let seen = read::<Item>(&store, &key!["a", "y"])
        .await
        .unwrap()
        .unwrap();
    store.close().await.unwrap();
    let store = tampered(&bench, "UPDATE test_item SET body = x'00' WHERE name = 'y'");

    let mut tx = store.begin();
    tx.update(item("a", "y").text("restored"), seen.rev);
    tx.commit(Vec::new()).await.unwrap();

    assert_eq!(seen.rev.as_i64(), rev);
    assert_eq!(
        item_at(&store, "a", "y").await,
        Some(item("a", "y").text("restored"))
    );
}

#[tokio::test]
async fn a_changed_outbox_entry_is_an_error() {
    let bench = stored().await;
    let store = tampered(&bench, "UPDATE audit_outbox SET body = x'00'");

    let answer = store.outbox(9).await;

    assert!(matches!(
        answer,
        Err(StoreError::Corrupt {
            kind: "audit_outbox"
        })
    ));
}

#[tokio::test]
async fn a_record_cannot_pose_as_an_outbox_entry() {
    let bench = stored().await;
    let store = tampered(
        &bench,
        "UPDATE audit_outbox SET body = (SELECT body FROM test_item WHERE name = 'x')",
    );

    assert!(store.outbox(9).await.is_err());
}

#[tokio::test]
async fn the_file_holds_no_content_in_the_clear() {
    let bench = stored().await;

    let file = std::fs::read(bench.path()).unwrap();

    let holds = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
    assert!(holds(b"test_item"));
    assert!(!holds(b"secret"));
    assert!(!holds(b"told"));
}
