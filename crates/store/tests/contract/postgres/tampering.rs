//! The engine is untrusted: what someone with the database does to it is found out.

use crate::support::{Bench, Item, Twin, item, item_at, names, put, read};
use strongroom_store::{Query, Store, StoreError, key};

/// Three items and a twin, and another store over them which has read nothing yet.
async fn stored() -> Option<(Bench, Store)> {
    let bench = Bench::postgres()?;
    let store = bench.store();
    let mut tx = store.begin();
    for (name, due) in [("x", 1), ("y", 2), ("z", 3)] {
        tx.insert(item("a", name).due(due).text("secret"));
    }
    tx.insert(Twin(item("a", "x").due(1).text("secret")));
    tx.commit(vec![b"told".to_vec()]).await.unwrap();
    let store = bench.reopen(store).await;
    Some((bench, store))
}

fn tamper(bench: &Bench, sql: &str) {
    bench.postgres.as_ref().unwrap().sql(sql);
}

async fn assert_corrupt(store: &Store, name: &str, edit: &str) {
    let answer = read::<Item>(store, &key!["a", name]).await;
    assert!(
        matches!(answer, Err(StoreError::Corrupt { kind: "test_item" })),
        "{edit}: {answer:?}"
    );
}

#[tokio::test]
async fn a_row_that_was_edited_is_refused() {
    let edits = [
        "body = decode(repeat('00', length(body)), 'hex')",
        "body = ''",
        "body = substr(body, 1, length(body) - 1)",
        "body = set_byte(body, 9, get_byte(body, 9) # 1)",
        "(body, rev, due) = (SELECT body, rev, due FROM test_item WHERE name = 'y')",
        "(body, rev, due) = (SELECT body, rev, due FROM test_twin WHERE name = 'x')",
        "rev = rev + 1",
        "due = 7",
        "due = NULL",
        "owner = 'mallory'",
    ];

    for edit in edits {
        let Some((bench, store)) = stored().await else {
            return;
        };
        tamper(
            &bench,
            &format!("UPDATE test_item SET {edit} WHERE name = 'x'"),
        );

        assert_corrupt(&store, "x", edit).await;
        assert_eq!(
            names(&store, &Query::primary(9)).await,
            ["y", "z"],
            "{edit}"
        );
        assert_eq!(store.corrupt_rows(), 1);
        assert!(item_at(&store, "a", "y").await.is_some());
    }
}

#[tokio::test]
async fn a_row_filed_under_another_key_is_refused() {
    let Some((bench, store)) = stored().await else {
        return;
    };

    tamper(&bench, "UPDATE test_item SET name = 'w' WHERE name = 'x'");

    assert_corrupt(&store, "w", "moved").await;
    assert_eq!(item_at(&store, "a", "x").await, None);
}

#[tokio::test]
async fn the_body_of_a_deleted_row_does_not_open_in_the_recreated_one() {
    let Some((bench, store)) = stored().await else {
        return;
    };
    tamper(
        &bench,
        "CREATE TABLE kept AS SELECT body FROM test_item WHERE name = 'x'",
    );
    let seen = read::<Item>(&store, &key!["a", "x"])
        .await
        .unwrap()
        .unwrap();
    let mut tx = store.begin();
    tx.delete::<Item>(&key!["a", "x"], seen.rev);
    tx.commit(Vec::new()).await.unwrap();
    put(&store, [item("a", "x").due(1).text("another")]).await;

    tamper(
        &bench,
        "UPDATE test_item SET body = (SELECT body FROM kept) WHERE name = 'x'",
    );

    assert_corrupt(&bench.store(), "x", "recreated").await;
}

#[tokio::test]
async fn a_key_that_is_no_text_of_ours_is_left_out() {
    let Some((bench, store)) = stored().await else {
        return;
    };

    tamper(
        &bench,
        "UPDATE test_item SET name = chr(1) WHERE name = 'y'",
    );

    assert_eq!(names(&store, &Query::primary(9)).await, ["x", "z"]);
    assert_eq!(store.corrupt_rows(), 1);
}

#[tokio::test]
async fn a_changed_outbox_entry_is_an_error() {
    for body in ["'\\x00'", "(SELECT body FROM test_item WHERE name = 'x')"] {
        let Some((bench, store)) = stored().await else {
            return;
        };

        tamper(&bench, &format!("UPDATE audit_outbox SET body = {body}"));

        assert!(matches!(
            store.outbox(9).await,
            Err(StoreError::Corrupt {
                kind: "audit_outbox"
            })
        ));
    }
}

#[tokio::test]
async fn the_database_holds_no_content_in_the_clear() {
    let Some((bench, _store)) = stored().await else {
        return;
    };
    let place = bench.postgres.as_ref().unwrap();

    for table in [
        "test_item",
        "test_twin",
        "audit_outbox",
        "change_log",
        "meta",
    ] {
        let rows = place.sql(&format!("SELECT row_to_json(t) FROM {table} AS t"));
        let hex = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();

        for text in ["secret", "told"] {
            assert!(
                !rows.contains(text) && !rows.contains(&hex(text)),
                "{table}: {rows}"
            );
        }
    }
}
