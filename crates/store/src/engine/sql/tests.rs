use super::*;
use crate::{Column, Query};
use rusqlite::{Connection, params_from_iter};
use std::ops::Bound::{Excluded, Included};

static KIND: Kind = Kind {
    name: "test_item",
    service: "test",
    version: 1,
    key: &[Column::text("account"), Column::text("order")],
    columns: &[Column::int("due"), Column::text("owner")],
    indexes: &[
        Index {
            name: "by_due",
            columns: &["due"],
        },
        Index {
            name: "by_owner",
            columns: &["account", "owner", "due"],
        },
        Index {
            name: "by_order",
            columns: &["order"],
        },
    ],
    cached: false,
};

#[test]
fn a_kind_becomes_a_table_and_partial_indexes() {
    assert_eq!(
        create_table(Dialect::Sqlite, &KIND),
        "CREATE TABLE \"test_item\" (\"account\" TEXT NOT NULL, \"order\" TEXT NOT NULL, \
         \"rev\" INTEGER NOT NULL, \"due\" INTEGER, \"owner\" TEXT, \"body\" BLOB NOT NULL, \
         PRIMARY KEY (\"account\", \"order\")) STRICT"
    );
    assert_eq!(
        KIND.indexes
            .iter()
            .map(|index| create_index(&KIND, index))
            .collect::<Vec<_>>(),
        [
            "CREATE INDEX \"test_item__by_due\" ON \"test_item\" \
             (\"due\", \"account\", \"order\") WHERE \"due\" IS NOT NULL",
            "CREATE INDEX \"test_item__by_owner\" ON \"test_item\" \
             (\"account\", \"owner\", \"due\", \"order\") \
             WHERE \"owner\" IS NOT NULL AND \"due\" IS NOT NULL",
            "CREATE INDEX \"test_item__by_order\" ON \"test_item\" (\"order\", \"account\")",
        ]
    );
}

#[test]
fn a_kind_has_five_statements() {
    let statements = Statements::of(Dialect::Sqlite, &KIND);

    assert_eq!(
        statements.get,
        "SELECT \"account\", \"order\", \"rev\", \"due\", \"owner\", \"body\" FROM \"test_item\" \
         WHERE \"account\" = ?1 AND \"order\" = ?2"
    );
    assert_eq!(
        statements.rev,
        "SELECT \"rev\" FROM \"test_item\" WHERE \"account\" = ?1 AND \"order\" = ?2"
    );
    assert_eq!(
        statements.insert,
        "INSERT INTO \"test_item\" \
         (\"account\", \"order\", \"rev\", \"due\", \"owner\", \"body\") \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING"
    );
    assert_eq!(
        statements.update,
        "UPDATE \"test_item\" SET \"rev\" = ?1, \"due\" = ?2, \"owner\" = ?3, \"body\" = ?4 \
         WHERE \"account\" = ?5 AND \"order\" = ?6 AND \"rev\" = ?7"
    );
    assert_eq!(
        statements.delete,
        "DELETE FROM \"test_item\" WHERE \"account\" = ?1 AND \"order\" = ?2 AND \"rev\" = ?3"
    );
}

#[test]
fn a_query_becomes_one_run_of_its_index() {
    let query = Query::on("by_owner", 9)
        .equal("a")
        .to(Excluded("p"))
        .after(vec!["o".into(), 3_i64.into(), "x".into()]);
    let plan = Plan::resolve(&KIND, &query).unwrap();

    let (text, values) = select(Dialect::Sqlite, &plan, Give::Revs);

    assert_eq!(
        text,
        "SELECT \"account\", \"order\", \"rev\" FROM \"test_item\" \
         WHERE \"owner\" IS NOT NULL AND \"due\" IS NOT NULL AND \"account\" = ?1 \
         AND \"owner\" < ?2 AND (\"owner\", \"due\", \"order\") > (?3, ?4, ?5) \
         ORDER BY \"owner\", \"due\", \"order\" LIMIT ?6"
    );
    assert_eq!(
        values,
        [
            &Value::from("a"),
            &Value::from("p"),
            &Value::from("o"),
            &Value::from(3_i64),
            &Value::from("x"),
        ]
    );
}

#[cfg(feature = "postgres")]
#[test]
fn postgresql_differs_in_a_few_words() {
    let query =
        Query::on("by_owner", 9)
            .equal("a")
            .after(vec!["o".into(), 3_i64.into(), "x".into()]);
    let plan = Plan::resolve(&KIND, &query).unwrap();
    let statements = Statements::of(Dialect::Postgres, &KIND);

    let (text, _) = select(Dialect::Postgres, &plan, Give::Revs);

    assert_eq!(
        create_table(Dialect::Postgres, &KIND),
        "CREATE TABLE \"test_item\" (\"account\" TEXT COLLATE \"C\" NOT NULL, \
         \"order\" TEXT COLLATE \"C\" NOT NULL, \"rev\" BIGINT NOT NULL, \"due\" BIGINT, \
         \"owner\" TEXT COLLATE \"C\", \"body\" BYTEA NOT NULL, \
         PRIMARY KEY (\"account\", \"order\"))"
    );
    assert_eq!(
        statements.update,
        "UPDATE \"test_item\" SET \"rev\" = $1, \"due\" = $2, \"owner\" = $3, \"body\" = $4 \
         WHERE \"account\" = $5 AND \"order\" = $6 AND \"rev\" = $7"
    );
    assert_eq!(
        text,
        "SELECT \"account\", \"order\", \"rev\" FROM \"test_item\" \
         WHERE \"owner\" IS NOT NULL AND \"due\" IS NOT NULL AND \"account\" = $1 \
         AND (\"owner\", \"due\", \"order\") > ($2, $3, $4) \
         ORDER BY \"owner\", \"due\", \"order\" LIMIT $5"
    );
}

/// What SQLite says of how it will run `query`.
fn plan_of(connection: &Connection, query: &Query) -> String {
    let plan = Plan::resolve(&KIND, query).unwrap();
    let (text, values) = select(Dialect::Sqlite, &plan, Give::Rows);
    let limit = Value::Int(9);
    connection
        .prepare(&format!("EXPLAIN QUERY PLAN {text}"))
        .unwrap()
        .query_map(
            params_from_iter(values.into_iter().chain([&limit])),
            |row| row.get::<_, String>(3),
        )
        .unwrap()
        .map(Result::unwrap)
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn every_shape_of_query_walks_its_index_from_the_right_row() {
    let connection = stocked(0);
    let by_owner = || Query::on("by_owner", 9).equal("a");
    let cursor = || vec!["o".into(), 3_i64.into(), "x".into()];
    let shapes = [
        (
            Query::primary(9),
            "SCAN test_item USING INDEX sqlite_autoindex_test_item_1",
        ),
        (
            Query::primary(9).equal("a"),
            "sqlite_autoindex_test_item_1 (account=?)",
        ),
        (
            Query::primary(9).equal("a").after(vec!["x".into()]),
            "sqlite_autoindex_test_item_1 (account=? AND order>?)",
        ),
        (
            Query::primary(9).after(vec!["a".into(), "x".into()]),
            "sqlite_autoindex_test_item_1 ((account,order)>(?,?))",
        ),
        (Query::on("by_due", 9), "test_item__by_due (due>?)"),
        (
            Query::on("by_due", 9).equal(3_i64),
            "test_item__by_due (due=?)",
        ),
        (
            Query::on("by_due", 9).from(Included(3_i64)),
            "test_item__by_due (due>?)",
        ),
        (
            Query::on("by_order", 9).equal("x"),
            "test_item__by_order (order=?)",
        ),
        (by_owner(), "test_item__by_owner (account=? AND owner>?)"),
        (
            by_owner().equal("o"),
            "test_item__by_owner (account=? AND owner=? AND due>?)",
        ),
        (
            by_owner().after(cursor()),
            "test_item__by_owner (account=? AND (owner,due,order)>(?,?,?))",
        ),
    ];

    for (query, expected) in shapes {
        let ascending = plan_of(&connection, &query);
        assert!(ascending.ends_with(expected), "{ascending}: {query:?}");
        let descending = plan_of(&connection, &query.descending());
        assert!(!descending.contains("TEMP B-TREE"), "{descending}");
        assert!(descending.contains(" USING INDEX "), "{descending}");
    }
}

/// The table with so many rows, all in every index.
fn stocked(rows: i64) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(&create_table(Dialect::Sqlite, &KIND))
        .unwrap();
    for index in KIND.indexes {
        connection
            .execute_batch(&create_index(&KIND, index))
            .unwrap();
    }
    let insert = Statements::of(Dialect::Sqlite, &KIND).insert;
    for n in 0..rows {
        let name = format!("{n:05}");
        connection
            .prepare_cached(&insert)
            .unwrap()
            .execute(rusqlite::params!["a", name, 1, n, name, b""])
            .unwrap();
    }
    connection
}

/// How much SQLite does for a page.
fn steps_of(connection: &Connection, query: &Query) -> i32 {
    let plan = Plan::resolve(&KIND, query).unwrap();
    let (text, values) = select(Dialect::Sqlite, &plan, Give::Rows);
    let limit = Value::Int(9);
    let mut statement = connection.prepare(&text).unwrap();
    let mut rows = statement
        .query(params_from_iter(values.into_iter().chain([&limit])))
        .unwrap();
    let mut found = 0;
    while rows.next().unwrap().is_some() {
        found += 1;
    }
    drop(rows);
    assert_eq!(found, 9, "{query:?}");
    statement.get_status(rusqlite::StatementStatus::VmStep)
}

#[test]
fn a_page_costs_the_same_wherever_it_begins() {
    let connection = stocked(3_000);
    let middle = || Value::from("01500");
    let due = || Value::Int(1_500);
    let a = || Value::from("a");
    let shapes = [
        Query::primary(9).after(vec![a(), middle()]),
        Query::primary(9).equal("a").after(vec![middle()]),
        Query::primary(9)
            .equal("a")
            .starting_with("0")
            .after(vec![middle()]),
        Query::on("by_due", 9).after(vec![due(), a(), middle()]),
        Query::on("by_due", 9)
            .from(Included(3_i64))
            .to(Excluded(2_900_i64))
            .after(vec![due(), a(), middle()]),
        Query::on("by_due", 9)
            .from(Included(1_500_i64))
            .to(Excluded(1_600_i64)),
        Query::on("by_order", 9).after(vec![middle(), a()]),
        Query::on("by_owner", 9).after(vec![a(), middle(), due(), middle()]),
        Query::on("by_owner", 9)
            .equal("a")
            .after(vec![middle(), due(), middle()]),
        Query::on("by_owner", 9)
            .equal("a")
            .starting_with("0")
            .after(vec![middle(), due(), middle()]),
    ];

    for query in shapes {
        for query in [query.clone(), query.descending()] {
            let steps = steps_of(&connection, &query);

            assert!(steps < 600, "{steps}: {query:?}");
        }
    }
}
