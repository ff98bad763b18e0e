//! Reading: what SQLite's rows are in our terms.

use crate::engine::Row;
use crate::engine::sql::{self, Dialect, Give, Statements};
use crate::query::Plan;
use crate::{Key, Kind, Rev, Value};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Result, params_from_iter};

pub(super) fn get(
    connection: &Connection,
    statements: &Statements,
    kind: &Kind,
    key: &Key,
) -> Result<Option<Row>> {
    connection
        .prepare_cached(&statements.get)?
        .query_row(params_from_iter(key.values()), |row| whole(kind, row))
        .optional()
}

pub(super) fn query(connection: &Connection, plan: &Plan) -> Result<Vec<Row>> {
    let (text, values) = sql::select(Dialect::Sqlite, plan, Give::Rows);
    let limit = limit_of(plan.limit);
    connection
        .prepare_cached(&text)?
        .query_map(
            params_from_iter(values.into_iter().chain([&limit])),
            |row| whole(plan.kind, row),
        )?
        .collect()
}

/// Key and revision of the rows that `plan` admits.
pub(super) fn query_revs(connection: &Connection, plan: &Plan) -> Result<Vec<(Key, Rev)>> {
    let (text, values) = sql::select(Dialect::Sqlite, plan, Give::Revs);
    let limit = limit_of(plan.limit);
    let keys = plan.kind.key.len();
    connection
        .prepare_cached(&text)?
        .query_map(
            params_from_iter(values.into_iter().chain([&limit])),
            |row| Ok((Key::from(values_of(row, 0, keys)?), rev_of(row, keys)?)),
        )?
        .collect()
}

/// The revision of the row under `key`.
pub(super) fn rev(
    connection: &Connection,
    statements: &Statements,
    key: &Key,
) -> Result<Option<Rev>> {
    connection
        .prepare_cached(&statements.rev)?
        .query_row(params_from_iter(key.values()), |row| rev_of(row, 0))
        .optional()
}

pub(super) fn counter(connection: &Connection, name: &str) -> Result<i64> {
    let value = connection
        .prepare_cached("SELECT value FROM counter WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(value.unwrap_or(0))
}

pub(super) fn counters(
    connection: &Connection,
    prefix: &str,
    limit: usize,
) -> Result<Vec<(String, i64)>> {
    connection
        .prepare_cached(
            "SELECT name, value FROM counter WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1 \
             ORDER BY name LIMIT ?2",
        )?
        .query_map((prefix, limit_of(limit)), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect()
}

pub(super) fn outbox(connection: &Connection, limit: usize) -> Result<Vec<(u64, Vec<u8>)>> {
    connection
        .prepare_cached("SELECT seq, body FROM audit_outbox ORDER BY seq LIMIT ?1")?
        .query_map([limit_of(limit)], |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))
        })?
        .collect()
}

pub(super) fn meta(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

fn whole(kind: &Kind, row: &rusqlite::Row<'_>) -> Result<Row> {
    let keys = kind.key.len();
    let first_column = keys.saturating_add(1);
    let body = first_column.saturating_add(kind.columns.len());
    Ok(Row {
        key: Key::from(values_of(row, 0, keys)?),
        rev: rev_of(row, keys)?,
        columns: values_of(row, first_column, body)?,
        body: match row.get_ref(body)? {
            ValueRef::Blob(bytes) => bytes.to_vec(),
            _ => Vec::new(),
        },
    })
}

/// SECURITY: what the store cannot have written reads as `Null` here and as nothing in a body, so
/// that it fails the comparison with the opened record like any other change of the row.
fn values_of(row: &rusqlite::Row<'_>, from: usize, to: usize) -> Result<Vec<Value>> {
    let value = |i| {
        Ok(match row.get_ref(i)? {
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(text) => std::str::from_utf8(text).map_or(Value::Null, Value::from),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
        })
    };
    (from..to).map(value).collect()
}

fn rev_of(row: &rusqlite::Row<'_>, i: usize) -> Result<Rev> {
    Ok(Rev(row.get_ref(i)?.as_i64().unwrap_or_default()))
}

fn limit_of(limit: usize) -> Value {
    Value::Int(i64::try_from(limit).unwrap_or(i64::MAX))
}

impl ToSql for Value {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
