//! One job's statements, inside its savepoint.

use super::super::{row, schema};
use super::Work;
use crate::StoreError;
use crate::engine::sql::{Registry, Statements};
use crate::engine::{Change, Commit, Count, Read, Row, Write};
use rusqlite::types::ToSql;
use rusqlite::{Connection, params, params_from_iter};

/// Why a job is not to be committed.
pub(super) enum Refusal {
    Store(StoreError),
    Sqlite(rusqlite::Error),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

pub(super) fn work(
    connection: &Connection,
    registry: &Registry,
    work: &Work,
) -> Result<Vec<u64>, Refusal> {
    match work {
        Work::Commit(commit) => apply(connection, registry, commit),
        Work::OutboxDone(seqs) => outbox_done(connection, seqs).map(|()| Vec::new()),
        Work::PutMeta {
            name,
            expected,
            value,
        } => put_meta(connection, name, expected.as_deref(), value).map(|()| Vec::new()),
        Work::Prepare(kinds) => {
            schema::prepare(connection, kinds)?;
            Ok(Vec::new())
        }
        Work::Close => Ok(Vec::new()),
        #[cfg(test)]
        Work::Run(_) => Ok(Vec::new()),
    }
}

fn apply(
    connection: &Connection,
    registry: &Registry,
    commit: &Commit,
) -> Result<Vec<u64>, Refusal> {
    for read in &commit.reads {
        if !holds(connection, registry, read)? {
            return Err(StoreError::Conflict.into());
        }
    }
    for write in &commit.writes {
        let statements = registry.of(write.kind)?;
        if change(connection, &statements, write)? != 1 {
            return Err(StoreError::Conflict.into());
        }
    }
    for count in &commit.counts {
        add(connection, count)?;
    }
    let push = |body: &Vec<u8>| push(connection, body).map_err(Refusal::from);
    commit.outbox.iter().map(push).collect()
}

fn holds(connection: &Connection, registry: &Registry, read: &Read) -> Result<bool, Refusal> {
    Ok(match read {
        Read::Row { kind, key, rev } => {
            row::rev(connection, registry.of(kind)?.as_ref(), key)? == *rev
        }
        Read::Query { plan, seen } => row::query_revs(connection, plan)? == *seen,
    })
}

/// How many rows changed: one, or none when the row is not as it must be.
fn change(
    connection: &Connection,
    statements: &Statements,
    write: &Write,
) -> rusqlite::Result<usize> {
    let keys = write.key.values().iter().map(|value| value as &dyn ToSql);
    match &write.change {
        Change::Insert { row } => {
            let values = keys.chain(settings(row));
            connection
                .prepare_cached(&statements.insert)?
                .execute(params_from_iter(values))
        }
        Change::Update { row, was } => {
            let values = settings(row).chain(keys).chain([&was.0 as &dyn ToSql]);
            connection
                .prepare_cached(&statements.update)?
                .execute(params_from_iter(values))
        }
        Change::Delete { was } => connection
            .prepare_cached(&statements.delete)?
            .execute(params_from_iter(keys.chain([&was.0 as &dyn ToSql]))),
    }
}

/// Revision, columns and body, as the statements have them after or before the key.
fn settings(row: &Row) -> impl Iterator<Item = &dyn ToSql> {
    let columns = row.columns.iter().map(|value| value as &dyn ToSql);
    [&row.rev.0 as &dyn ToSql]
        .into_iter()
        .chain(columns)
        .chain([&row.body as &dyn ToSql])
}

fn add(connection: &Connection, count: &Count) -> Result<(), Refusal> {
    let value = count.of(row::counter(connection, &count.name)?)?;
    connection
        .prepare_cached(
            "INSERT INTO counter (name, value) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![count.name, value])?;
    Ok(())
}

fn push(connection: &Connection, body: &[u8]) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("INSERT INTO audit_outbox (body) VALUES (?1) RETURNING seq")?
        .query_row([body], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
}

fn outbox_done(connection: &Connection, seqs: &[u64]) -> Result<(), Refusal> {
    let mut delete = connection.prepare_cached("DELETE FROM audit_outbox WHERE seq = ?1")?;
    for seq in seqs {
        delete.execute([i64::try_from(*seq).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}

fn put_meta(
    connection: &Connection,
    name: &str,
    expected: Option<&[u8]>,
    value: &[u8],
) -> Result<(), Refusal> {
    let changed = match expected {
        None => connection
            .prepare_cached(
                "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![name, value])?,
        Some(expected) => connection
            .prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1 AND value = ?3")?
            .execute(params![name, value, expected])?,
    };
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict.into())
    }
}
