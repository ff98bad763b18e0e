use crate::support::{Bench, Item, TWIN, item, item_at, names, on_every_engine, put};
use std::ops::Bound::Included;
use strongroom_store::{Column, Database, Index, Kind, Query, Record, StoreError};

on_every_engine! {
    everything_committed_is_there_after_reopening,
    a_meta_value_is_compared_and_swapped,
    the_stores_own_meta_values_are_out_of_reach,
    a_kind_may_be_added_later,
}

async fn everything_committed_is_there_after_reopening(bench: Bench) {
    let store = bench.store();
    put(&store, [item("a", "x").due(2), item("a", "y").due(1)]).await;
    let mut tx = store.begin();
    let key = item("a", "x").key();
    let seen = tx.get::<Item>(&key).await.unwrap().unwrap();
    tx.update(item("a", "x").due(0).text("new"), seen.rev);
    tx.commit(Vec::new()).await.unwrap();

    let store = bench.reopen(store).await;

    let again = store.begin().get::<Item>(&key).await.unwrap().unwrap();
    assert_eq!(*again.record, item("a", "x").due(0).text("new"));
    assert_eq!(again.rev.as_i64(), seen.rev.as_i64() + 1);
    let due = Query::on("by_due", 9).from(Included(0_i64));
    assert_eq!(names(&store, &due).await, ["x", "y"]);
}

async fn a_meta_value_is_compared_and_swapped(bench: Bench) {
    let database = bench.database();
    let conflict = |answer: Result<(), _>| matches!(answer, Err(StoreError::Conflict));

    assert_eq!(database.meta("ring").await.unwrap(), None);
    assert!(conflict(database.put_meta("ring", Some(b"0"), b"1").await));
    database.put_meta("ring", None, b"1").await.unwrap();
    assert!(conflict(database.put_meta("ring", None, b"2").await));
    assert!(conflict(database.put_meta("ring", Some(b"0"), b"2").await));
    database.put_meta("ring", Some(b"1"), b"2").await.unwrap();
    database.put_meta("other", None, b"").await.unwrap();

    assert_eq!(database.meta("ring").await.unwrap().unwrap(), b"2");
    assert_eq!(database.meta("other").await.unwrap().unwrap(), b"");
    drop(database);
    let store = bench.store();
    assert_eq!(store.database().meta("ring").await.unwrap().unwrap(), b"2");
    let swap = store.database().put_meta("ring", Some(b"2"), b"3").await;
    assert!(swap.is_ok());
}

async fn the_stores_own_meta_values_are_out_of_reach(bench: Bench) {
    let database = bench.database();
    let before = database.meta("store.schema_version").await.unwrap();

    let answer = database
        .put_meta("store.schema_version", before.as_deref(), b"9")
        .await;

    assert!(matches!(answer, Err(StoreError::Misuse { .. })));
    assert_eq!(database.meta("store.schema_version").await.unwrap(), before);
}

async fn a_kind_may_be_added_later(bench: Bench) {
    let store = bench.store_of(&[&TWIN]).unwrap();
    bench.end(store).await;
    let store = bench.store();

    put(&store, [item("a", "x")]).await;

    assert_eq!(item_at(&store, "a", "x").await, Some(item("a", "x")));
}

/// `test_item` as a later program may declare it.
static RENAMED_COLUMN: Kind = Kind {
    columns: &[Column::int("due"), Column::text("holder")],
    indexes: &[],
    ..crate::support::ITEM_DECLARATION
};
static CHANGED_INDEX: Kind = Kind {
    indexes: &[Index {
        name: "by_due",
        columns: &["due", "owner"],
    }],
    ..crate::support::ITEM_DECLARATION
};

#[tokio::test]
async fn a_table_with_other_columns_is_refused() {
    let bench = Bench::sqlite();
    bench.store().close().await.unwrap();

    let answer = bench.store_of(&[&RENAMED_COLUMN]);

    assert_eq!(
        answer.unwrap_err().to_string(),
        "the database cannot be used: \
         the table `test_item` has other columns than this version uses"
    );
}

#[tokio::test]
async fn an_index_that_is_declared_otherwise_is_made_anew() {
    let bench = Bench::sqlite();
    let store = bench.store();
    put(
        &store,
        [
            item("a", "x").due(1).owner("z"),
            item("b", "y").due(1).owner("a"),
            item("c", "z").due(1),
        ],
    )
    .await;
    store.close().await.unwrap();

    let store = bench.store_of(&[&CHANGED_INDEX]).unwrap();
    store.close().await.unwrap();

    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    let text: String = raw
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'test_item__by_due'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(
        text,
        "CREATE INDEX \"test_item__by_due\" ON \"test_item\" \
         (\"due\", \"owner\", \"account\", \"name\") \
         WHERE \"due\" IS NOT NULL AND \"owner\" IS NOT NULL"
    );
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let bench = Bench::sqlite();
    bench.store().close().await.unwrap();
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    raw.execute("UPDATE meta SET value = CAST('2' AS BLOB)", [])
        .unwrap();
    drop(raw);

    let answer = Database::sqlite(&bench.path(), &Default::default());

    assert_eq!(
        answer.unwrap_err().to_string(),
        "the database cannot be used: \
         its schema version is 2, and this program knows none above 1"
    );
}

#[tokio::test]
async fn a_foreign_file_is_refused_and_left_alone() {
    let bench = Bench::sqlite();
    let raw = rusqlite::Connection::open(bench.path()).unwrap();
    raw.execute_batch("CREATE TABLE theirs (id INTEGER)")
        .unwrap();
    drop(raw);
    let before = std::fs::read(bench.path()).unwrap();

    let answer = Database::sqlite(&bench.path(), &Default::default());

    assert_eq!(
        answer.unwrap_err().to_string(),
        "the database cannot be used: the file is not a strongroom database"
    );
    assert_eq!(std::fs::read(bench.path()).unwrap(), before);
}

#[tokio::test]
async fn a_text_file_is_refused() {
    let bench = Bench::sqlite();
    std::fs::write(
        bench.path(),
        "certainly no database, at any length you like",
    )
    .unwrap();

    let answer = Database::sqlite(&bench.path(), &Default::default());

    assert!(matches!(answer, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn a_store_that_was_never_closed_loses_nothing() {
    let bench = Bench::sqlite();
    let store = bench.store();
    put(&store, [item("a", "x")]).await;

    // As after a crash: another store over what is on disk now, log included.
    let copy = Bench::sqlite();
    for suffix in ["", "-wal"] {
        let name = |bench: &Bench| format!("{}{suffix}", bench.path().display());
        std::fs::copy(name(&bench), name(&copy)).unwrap();
    }
    let store = copy.store();

    assert_eq!(item_at(&store, "a", "x").await, Some(item("a", "x")));
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::sqlite();
    let store = bench.store();
    put(&store, [item("a", "x")]).await;

    for suffix in ["", "-wal", "-shm"] {
        let name = format!("{}{suffix}", bench.path().display());
        let mode = std::fs::metadata(&name).unwrap().permissions().mode();

        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let bench = Bench::sqlite();
    let store = bench.store();
    put(&store, [item("a", "x")]).await;
    item_at(&store, "a", "none").await;

    store.close().await.unwrap();

    let dir = bench.path().parent().unwrap().to_owned();
    let files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(files, ["store.db"]);
}
