//! Whose schema it is, and programs of several versions over one.

use crate::support::{
    Bench, ITEM, ITEM_DECLARATION, Item, SeededEntropy, TWIN, item, item_at, put,
};
use std::sync::Arc;
use std::thread;
use strongroom_store::{Column, Database, Index, Kind, Query, StoreError};

/// What a later program declares.
static RENAMED_COLUMN: Kind = Kind {
    columns: &[Column::int("due"), Column::text("holder")],
    indexes: &[],
    ..ITEM_DECLARATION
};
static CHANGED_INDEX: Kind = Kind {
    indexes: &[Index {
        name: "by_due",
        columns: &["due", "owner"],
    }],
    ..ITEM_DECLARATION
};
static ADDED: Kind = Kind {
    name: "test_added",
    ..ITEM_DECLARATION
};

fn open(bench: &Bench) -> Result<Database, StoreError> {
    Database::postgres(&bench.node("one"), Arc::new(SeededEntropy::default()))
}

fn problem(bench: &Bench) -> String {
    open(bench).unwrap_err().to_string()
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    bench.store().close().await.unwrap();
    let place = bench.postgres.as_ref().unwrap();

    place.sql("UPDATE meta SET value = '2'::bytea WHERE name = 'store.schema_version'");

    assert_eq!(
        problem(&bench),
        "the database cannot be used: \
         its schema version is 2, and this program knows none above 1"
    );
}

#[tokio::test]
async fn a_foreign_schema_is_refused_and_left_alone() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let place = bench.postgres.as_ref().unwrap();
    place.sql(&format!(
        "CREATE SCHEMA {0}; CREATE TABLE {0}.theirs (id int)",
        place.schema
    ));

    let problem = problem(&bench);

    assert_eq!(
        problem,
        format!(
            "the database cannot be used: its schema `{}` is not one of strongroom",
            place.schema
        )
    );
    let tables = format!(
        "SELECT count(*) FROM pg_tables WHERE schemaname = '{}'",
        place.schema
    );
    assert_eq!(place.sql(&tables), "1");
}

#[tokio::test]
async fn an_empty_schema_that_an_operator_made_is_taken() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let place = bench.postgres.as_ref().unwrap();
    place.sql(&format!("CREATE SCHEMA {}", place.schema));

    let store = bench.store();

    put(&store, [item("a", "x")]).await;
    assert_eq!(item_at(&store, "a", "x").await, Some(item("a", "x")));
}

#[tokio::test]
async fn a_table_with_other_columns_is_refused() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    bench.store().close().await.unwrap();

    let answer = bench.store_of(&[&RENAMED_COLUMN]);

    assert_eq!(
        answer.unwrap_err().to_string(),
        "the database cannot be used: \
         the table `test_item` has other columns than this version uses"
    );
}

#[tokio::test]
async fn programs_of_two_versions_run_in_turns_and_at_once() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let place = bench.postgres.as_ref().unwrap();
    let index = "SELECT indexdef FROM pg_indexes WHERE indexname = 'test_item__by_due' \
                 AND schemaname = current_schema()";
    let older = bench.store();
    put(&older, [item("a", "x").due(1).owner("z")]).await;

    let newer = bench.store_of(&[&CHANGED_INDEX, &TWIN, &ADDED]).unwrap();
    let of_newer = place.sql(index);
    // The older one goes on, and so does one that is started again.
    let by_due = Query::on("by_due", 9);
    let found = older.begin().query::<Item>(&by_due).await.unwrap();
    let again = bench.store_of(&[&ITEM, &TWIN]).unwrap();

    assert_eq!(found.len(), 1);
    assert!(
        of_newer.contains("(due, owner, account, name)"),
        "{of_newer}"
    );
    let of_older = place.sql(index);
    assert!(of_older.contains("(due, account, name)"), "{of_older}");
    assert_eq!(place.sql("SELECT count(*) FROM test_added"), "0");
    for store in [&older, &newer, &again] {
        assert_eq!(
            item_at(store, "a", "x").await,
            Some(item("a", "x").due(1).owner("z"))
        );
    }
}

#[tokio::test]
async fn programs_that_begin_at_once_make_one_schema() {
    let Some(bench) = Bench::postgres() else {
        return;
    };

    let stores: Vec<_> = thread::scope(|scope| {
        let begin = || bench.store_of(&[&ITEM, &TWIN, &ADDED]).unwrap();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(begin)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });

    put(&stores[0], [item("a", "x")]).await;
    for store in &stores {
        assert_eq!(item_at(store, "a", "x").await, Some(item("a", "x")));
    }
}

#[tokio::test]
async fn a_schema_with_an_odd_name_is_refused() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let mut options = bench.node("one");
    options.schema = String::from("a\"; DROP SCHEMA public; --");

    let answer = Database::postgres(&options, Arc::new(SeededEntropy::default()));

    assert!(matches!(answer, Err(StoreError::Schema(_))), "{answer:?}");
}

#[tokio::test]
async fn every_query_walks_an_index() {
    let Some(bench) = Bench::postgres() else {
        return;
    };
    let store = bench.store();
    put(
        &store,
        (0..50).map(|n| item("a", &n.to_string()).due(n).owner("o")),
    )
    .await;
    let place = bench.postgres.as_ref().unwrap();
    let explain = |condition: &str, order: &str| {
        place.sql(&format!(
            "SET enable_seqscan TO off; EXPLAIN SELECT body FROM test_item \
             WHERE \"due\" IS NOT NULL AND {condition} ORDER BY {order} LIMIT 9"
        ))
    };

    let by_due = explain("\"due\" > 3", "\"due\", \"account\", \"name\"");
    let after = explain(
        "(\"due\", \"account\", \"name\") < (3, 'a', 'x')",
        "\"due\" DESC, \"account\" DESC, \"name\" DESC",
    );

    for plan in [by_due, after] {
        assert!(plan.contains("test_item__by_due"), "{plan}");
        assert!(!plan.contains("Sort"), "{plan}");
    }
}
