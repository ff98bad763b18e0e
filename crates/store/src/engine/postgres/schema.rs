//! The database's schema: ours, of a version we know, with the tables of our kinds.
//!
//! PostgreSQL does not keep the text that made a table, so a table of our own does, and what a kind
//! declares is compared with that. Whatever is not known here is left alone: programs of two
//! versions may use one database in turns, and the newer one may have tables that the older has not.

use super::session::{Session, Step};
use super::trouble::{Trouble, unavailable};
use super::value::{Param, int_of, plain_of, text_of};
use super::{PostgresOptions, quoted};
use crate::engine::sql::{self, Dialect};
use crate::{Kind, StoreError};
use std::collections::HashMap;
use std::time::Duration;

/// Refuses a schema whose name is not a plain word.
///
/// SECURITY: the name goes into statements as it is, so this comes before the first of them.
pub(super) fn check_name(options: &PostgresOptions) -> Result<(), StoreError> {
    if is_schema_name(&options.schema) {
        return Ok(());
    }
    Err(StoreError::Schema(String::from(
        "the name of its schema is not made of lower-case letters, digits and `_`",
    )))
}

/// Makes the schema ours if it is empty, brings it to the current version, and refuses one that is
/// not ours or is newer.
pub(super) async fn open(
    session: &mut Session,
    options: &PostgresOptions,
) -> Result<(), StoreError> {
    if version(session, options).await? == Some(SCHEMA_VERSION) {
        return Ok(());
    }
    begin_alone(session, options).await?;
    let migrated = migrate(session, options).await;
    end(session, migrated).await
}

/// Makes the missing tables and indexes of `kinds`.
pub(super) async fn prepare(
    session: &mut Session,
    options: &PostgresOptions,
    kinds: &[&'static Kind],
) -> Result<(), StoreError> {
    let known = objects(session).await?;
    if missing(kinds, &known)?.is_empty() {
        return Ok(());
    }
    begin_alone(session, options).await?;
    let made = make_missing(session, kinds).await;
    end(session, made).await
}

/// Makes the store's own tables, or what has been added to them since.
async fn migrate(session: &mut Session, options: &PostgresOptions) -> Result<(), StoreError> {
    // Another program may have done it meanwhile.
    let from = version(session, options).await?.unwrap_or(0);
    if from == 0 {
        make_schema(session, options).await?;
    }
    for step in MIGRATIONS.iter().skip(from as usize) {
        command(session, step).await?;
    }
    let set = Step::count(
        "INSERT INTO meta (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        vec![
            Param::Text(SCHEMA_VERSION_NAME.to_owned()),
            Param::Bytes(SCHEMA_VERSION.to_string().into_bytes()),
        ],
    );
    ask(session, &set).await.map(drop)
}

async fn make_missing(session: &mut Session, kinds: &[&'static Kind]) -> Result<(), StoreError> {
    // Another program may have made them meanwhile.
    let known = objects(session).await?;
    for object in missing(kinds, &known)? {
        if object.replaces {
            let drop = format!("DROP INDEX IF EXISTS {}", quoted(&object.name));
            command(session, &drop).await?;
        }
        command(session, &object.text).await?;
        let remember = Step::count(
            "INSERT INTO store_object (name, text) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET text = excluded.text",
            vec![Param::Text(object.name), Param::Text(object.text)],
        );
        ask(session, &remember).await?;
    }
    Ok(())
}

/// A table or an index that has to be made.
struct Object {
    name: String,
    text: String,
    /// Whether one of that name is there, and is another.
    replaces: bool,
}

/// What of `kinds` is not there as they declare it, in the order in which it is to be made.
fn missing(
    kinds: &[&'static Kind],
    known: &HashMap<String, String>,
) -> Result<Vec<Object>, StoreError> {
    let mut objects = Vec::new();
    for kind in kinds {
        let text = sql::create_table(Dialect::Postgres, kind);
        match known.get(kind.name) {
            Some(made) if *made == text => {}
            Some(_) => {
                return Err(StoreError::Schema(format!(
                    "the table `{}` has other columns than this version uses",
                    kind.name
                )));
            }
            None => objects.push(Object {
                name: kind.name.to_owned(),
                text,
                replaces: false,
            }),
        }
        for index in kind.indexes {
            let name = sql::index_name(kind, index);
            let text = sql::create_index(kind, index);
            let made = known.get(&name);
            if made != Some(&text) {
                let replaces = made.is_some();
                objects.push(Object {
                    name,
                    text,
                    replaces,
                });
            }
        }
    }
    Ok(objects)
}

async fn objects(session: &mut Session) -> Result<HashMap<String, String>, StoreError> {
    let step = Step::rows("SELECT name, text FROM store_object", Vec::new());
    let rows = ask(session, &step).await?;
    let object = |row: &tokio_postgres::Row| Some((text_of(row, 0)?, text_of(row, 1)?));
    Ok(rows.iter().filter_map(object).collect())
}

/// The version of the schema; `None`: there is none yet, or it is empty.
async fn version(
    session: &mut Session,
    options: &PostgresOptions,
) -> Result<Option<u32>, StoreError> {
    let step = Step::rows(
        "SELECT count(*), count(*) FILTER (WHERE relname = 'store_object') FROM pg_class \
         WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)",
        vec![Param::Text(options.schema.clone())],
    );
    let rows = ask(session, &step).await?;
    let count = |i| rows.first().and_then(|row| int_of(row, i)).unwrap_or(0);
    if count(0) == 0 {
        return Ok(None);
    }
    if count(1) == 0 {
        return Err(StoreError::Schema(format!(
            "its schema `{}` is not one of strongroom",
            options.schema
        )));
    }
    let step = Step::rows(
        "SELECT convert_from(value, 'UTF8') FROM meta WHERE name = $1",
        vec![Param::Text(SCHEMA_VERSION_NAME.to_owned())],
    );
    let rows = ask(session, &step).await?;
    let text = rows.first().and_then(|row| plain_of(row, 0));
    let version = text
        .and_then(|text| text.parse::<u32>().ok())
        .ok_or_else(|| StoreError::Schema(String::from("the schema version is not readable")))?;
    if version > SCHEMA_VERSION {
        return Err(StoreError::Schema(format!(
            "its schema version is {version}, and this program knows none above {SCHEMA_VERSION}"
        )));
    }
    Ok(Some(version))
}

/// The schema itself, unless an operator has made it.
async fn make_schema(session: &mut Session, options: &PostgresOptions) -> Result<(), StoreError> {
    let step = Step::rows(
        "SELECT 1::bigint FROM pg_namespace WHERE nspname = $1",
        vec![Param::Text(options.schema.clone())],
    );
    if !ask(session, &step).await?.is_empty() {
        return Ok(());
    }
    command(
        session,
        &format!("CREATE SCHEMA {}", quoted(&options.schema)),
    )
    .await
}

/// Begins a transaction that no other program's change of the schema runs beside.
async fn begin_alone(session: &mut Session, options: &PostgresOptions) -> Result<(), StoreError> {
    // Tables are made in the first schema of the path. Indexes of large tables take their time.
    let begin = format!(
        "BEGIN; SET LOCAL statement_timeout TO 0; SET LOCAL lock_timeout TO '60s'; \
         SET LOCAL search_path TO {}, pg_catalog, pg_temp",
        quoted(&options.schema)
    );
    command(session, &begin).await?;
    let lock = Step::rows(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text",
        vec![Param::Text(format!("strongroom/{}", options.schema))],
    );
    match ask(session, &lock).await {
        Ok(_) => Ok(()),
        Err(error) => end(session, Err(error)).await,
    }
}

/// Commits what was changed, or undoes it.
async fn end(session: &mut Session, changed: Result<(), StoreError>) -> Result<(), StoreError> {
    match changed {
        Ok(()) => command(session, "COMMIT").await,
        Err(error) => {
            // The first error says more than one of going back.
            let _ = command(session, "ROLLBACK").await;
            Err(error)
        }
    }
}

async fn command(session: &mut Session, text: &str) -> Result<(), StoreError> {
    ask(session, &Step::command(text)).await.map(drop)
}

async fn ask(session: &mut Session, step: &Step) -> Result<Vec<tokio_postgres::Row>, StoreError> {
    match session.ask(step, LIMIT).await {
        Ok(answer) => Ok(answer.into_rows()),
        // Not the caller's to try again.
        Err(Trouble::Again(text)) => Err(unavailable(text)),
        Err(trouble) => Err(trouble.into_error()),
    }
}

fn is_schema_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=63).contains(&name.len())
        && name.bytes().all(plain)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.starts_with("pg_")
}

/// What leads from each version of the store's own tables to the next; kinds have versions of their
/// own. Programs of the version before must be able to go on with what a step made.
const MIGRATIONS: [&str; 1] = [
    // The numbers of the change log's rows are those of transactions, so that a snapshot tells which
    // of them it has seen.
    "CREATE TABLE meta (name TEXT COLLATE \"C\" PRIMARY KEY, value BYTEA NOT NULL);
     CREATE TABLE counter (name TEXT COLLATE \"C\" PRIMARY KEY, value BIGINT NOT NULL);
     CREATE TABLE audit_outbox (
         seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
         node TEXT COLLATE \"C\" NOT NULL,
         body BYTEA NOT NULL
     );
     CREATE INDEX audit_outbox__by_node ON audit_outbox (node, seq);
     CREATE TABLE change_log (
         token BYTEA PRIMARY KEY,
         xid XID8 NOT NULL DEFAULT pg_current_xact_id(),
         instance BYTEA NOT NULL,
         node TEXT COLLATE \"C\" NOT NULL,
         at TIMESTAMPTZ NOT NULL DEFAULT now(),
         is_fence BOOLEAN NOT NULL DEFAULT false,
         asked BIGINT NOT NULL DEFAULT 0,
         changes BYTEA NOT NULL
     );
     CREATE INDEX change_log__by_xid ON change_log (xid);
     CREATE TABLE store_object (name TEXT COLLATE \"C\" PRIMARY KEY, text TEXT NOT NULL);",
];
#[expect(clippy::cast_possible_truncation, reason = "it is a small constant")]
const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;
const SCHEMA_VERSION_NAME: &str = "store.schema_version";
/// For one statement; an index of a large table takes long.
const LIMIT: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_a_plain_name_that_is_not_the_systems() {
        for good in ["strongroom", "s", "vault_2"] {
            assert!(is_schema_name(good), "{good}");
        }
        for bad in [
            "",
            "pg_catalog",
            "_s",
            "2s",
            "a\"b",
            "A",
            "a b",
            &"a".repeat(64),
        ] {
            assert!(!is_schema_name(bad), "{bad}");
        }
    }
}
