//! Opening: settings of a connection, the identity of the file, and the tables of kinds.

use super::{SqliteOptions, refusal};
use crate::engine::sql::{self, Dialect};
use crate::{Cause, Kind, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Result, TransactionBehavior};
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::time::Duration;

/// Opens or makes the database for the writer, and sees that it is one of ours.
pub(super) fn open_writer(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    create_private(path).map_err(|error| StoreError::Unavailable(Cause::from(error)))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(refusal)?;
    configure(&connection, options.writer_cache_kib).map_err(refusal)?;
    identify(&mut connection)?;
    make_durable(&connection).map_err(refusal)?;
    Ok(connection)
}

/// Opens a connection that can only read.
pub(super) fn open_reader(path: &Path, options: &SqliteOptions) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection, options.reader_cache_kib)?;
    Ok(connection)
}

/// Makes the missing tables and indexes of `kinds`. Called inside a transaction.
pub(super) fn prepare(connection: &Connection, kinds: &[&'static Kind]) -> Result<(), StoreError> {
    for kind in kinds {
        let table = sql::create_table(Dialect::Sqlite, kind);
        match existing(connection, "table", kind.name).map_err(refusal)? {
            Some(text) if text == table => {}
            Some(_) => {
                return Err(StoreError::Schema(format!(
                    "the table `{}` has other columns than this version uses",
                    kind.name
                )));
            }
            None => connection.execute_batch(&table).map_err(refusal)?,
        }
        for index in kind.indexes {
            prepare_index(
                connection,
                &sql::index_name(kind, index),
                &sql::create_index(kind, index),
            )
            .map_err(refusal)?;
        }
    }
    Ok(())
}

fn prepare_index(connection: &Connection, name: &str, text: &str) -> Result<()> {
    match existing(connection, "index", name)? {
        Some(existing) if existing == text => return Ok(()),
        Some(_) => connection.execute_batch(&format!("DROP INDEX \"{name}\""))?,
        None => {}
    }
    connection.execute_batch(text)
}

/// The text that made the table or index called `name`.
fn existing(connection: &Connection, what: &str, name: &str) -> Result<Option<String>> {
    connection
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2",
            [what, name],
            |row| row.get(0),
        )
        .optional()
}

/// SECURITY: the file, and with it SQLite's log beside it, is for its owner alone.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => file.sync_all()?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    // The new name is durable when its directory is.
    #[cfg(unix)]
    if let Some(parent) = path.parent() {
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        std::fs::File::open(parent)?.sync_all()?;
    }
    Ok(())
}

fn configure(connection: &Connection, cache_kib: u32) -> Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Without QPSG, statements with parameters are planned anew at each use once there are
    // statistics.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // SECURITY: the file is untrusted; nothing in its schema may run code or corrupt memory.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(())
}

/// Everything that "acknowledged means on disk" rests on.
fn make_durable(connection: &Connection) -> Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)?;
    Ok(())
}

/// Makes a new file ours, and refuses one that is not or is newer.
fn identify(connection: &mut Connection) -> Result<(), StoreError> {
    let behavior = TransactionBehavior::Immediate;
    let transaction = connection
        .transaction_with_behavior(behavior)
        .map_err(refusal)?;
    let number = |text: &str| transaction.query_row(text, [], |row| row.get::<_, i64>(0));
    let id = number("PRAGMA application_id").map_err(refusal)?;
    let objects = number("SELECT count(*) FROM sqlite_schema").map_err(refusal)?;
    if id == 0 && objects == 0 {
        transaction
            .execute_batch(&first_schema())
            .map_err(refusal)?;
        return transaction.commit().map_err(refusal);
    }
    if id != APPLICATION_ID {
        let problem = "the file is not a strongroom database";
        return Err(StoreError::Schema(problem.to_owned()));
    }
    let version = super::row::meta(&transaction, SCHEMA_VERSION_NAME).map_err(refusal)?;
    let version = version
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.parse::<u32>().ok())
        .ok_or_else(|| StoreError::Schema(String::from("the schema version is not readable")))?;
    if version > SCHEMA_VERSION {
        return Err(StoreError::Schema(format!(
            "its schema version is {version}, and this program knows none above {SCHEMA_VERSION}"
        )));
    }
    Ok(())
}

fn first_schema() -> String {
    format!(
        "PRAGMA application_id = {APPLICATION_ID};
         CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;
         CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT;
         CREATE TABLE audit_outbox (
             seq INTEGER PRIMARY KEY AUTOINCREMENT,
             body BLOB NOT NULL
         ) STRICT;
         INSERT INTO meta (name, value)
             VALUES ('{SCHEMA_VERSION_NAME}', CAST('{SCHEMA_VERSION}' AS BLOB));"
    )
}

/// `Stro`, in SQLite's field for the program that a file belongs to.
const APPLICATION_ID: i64 = 0x5374_726f;
/// Of the tables made by `first_schema`; kinds have versions of their own.
const SCHEMA_VERSION: u32 = 1;
const SCHEMA_VERSION_NAME: &str = "store.schema_version";
const CACHED_STATEMENTS: usize = 256;
/// The log file is cut to this size when it starts anew.
const LOG_BYTES_KEPT: i64 = 64 << 20;
/// For a tool of the operator's that has the file open; the server itself never waits for a lock.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
