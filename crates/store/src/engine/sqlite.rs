//! The embedded engine: SQLite, bundled, in WAL mode with `synchronous=FULL`.
//!
//! One thread writes, see [`writer`]; reads run on the calling thread with a connection of their
//! own, see [`reader`]. A point read costs about 10 µs and a chunk of a query under 1 ms, less than
//! moving them to another thread and back would.

use super::sql::{Dialect, Registry};
use super::{Commit, Engine, Health, Pending, Row};
use crate::query::Plan;
use crate::{Cause, Key, Kind, StoreError};
use reader::Readers;
use rusqlite::ErrorCode;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use writer::{Job, Reply, Work};

mod reader;
mod row;
mod schema;
mod writer;

/// Settings of the SQLite engine.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The page cache of each read connection, in KiB. Grows only as pages are read.
    pub reader_cache_kib: u32,
    /// The page cache of the writing connection, in KiB.
    pub writer_cache_kib: u32,
    /// How many read connections are kept open when idle.
    pub idle_readers: usize,
    /// After so many pages of write-ahead log they are moved into the database.
    pub checkpoint_pages: u32,
    /// How many transactions share one physical commit at most.
    pub batch: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            reader_cache_kib: 4 << 10,
            writer_cache_kib: 16 << 10,
            idle_readers: 8,
            checkpoint_pages: 2_000,
            batch: 256,
        }
    }
}

/// An open SQLite database.
pub(crate) struct Sqlite {
    jobs: mpsc::Sender<Job>,
    readers: Readers,
    registry: Arc<Registry>,
    health: Arc<Health>,
}

impl Sqlite {
    /// Opens or makes the database at `path` and starts its writer.
    pub(crate) fn open(path: &Path, options: &SqliteOptions) -> Result<Self, StoreError> {
        let connection = schema::open_writer(path, options)?;
        let health = Arc::new(Health::default());
        let registry = Arc::new(Registry::new(Dialect::Sqlite));
        let jobs = writer::start(
            connection,
            options,
            Arc::clone(&registry),
            Arc::clone(&health),
        )?;
        Ok(Self {
            jobs,
            readers: Readers::new(path, options),
            registry,
            health,
        })
    }

    /// Gives `work` to the writer and waits for its answer.
    async fn write(&self, work: Work) -> Result<Vec<u64>, StoreError> {
        self.health.check()?;
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let reply: Reply = Box::new(move |answer| {
            // The caller may have stopped waiting.
            let _ = sender.send(answer);
        });
        self.jobs
            .send(Job { work, reply })
            .map_err(|_| self.gone())?;
        receiver.await.unwrap_or_else(|_| Err(no_answer()))
    }

    fn gone(&self) -> StoreError {
        self.health.check().err().unwrap_or(StoreError::Closed)
    }

    fn read<'a, T: Send + 'a>(
        &self,
        call: impl FnOnce(&rusqlite::Connection) -> Result<T, StoreError>,
    ) -> Pending<'a, T> {
        let answer = self.health.check().and_then(|()| self.readers.with(call));
        Box::pin(std::future::ready(answer))
    }
}

impl Engine for Sqlite {
    fn prepare(&self, kinds: &[&'static Kind]) -> Result<(), StoreError> {
        self.health.check()?;
        let (sender, receiver) = mpsc::channel();
        let reply: Reply = Box::new(move |answer| {
            let _ = sender.send(answer);
        });
        let work = Work::Prepare(kinds.to_vec());
        self.jobs
            .send(Job { work, reply })
            .map_err(|_| self.gone())?;
        receiver.recv().unwrap_or_else(|_| Err(no_answer()))?;
        for kind in kinds {
            self.registry.add(kind);
        }
        Ok(())
    }

    fn get<'a>(&'a self, kind: &'static Kind, key: &'a Key) -> Pending<'a, Option<Row>> {
        self.read(|connection| {
            let statements = self.registry.of(kind)?;
            row::get(connection, &statements, kind, key).map_err(refusal)
        })
    }

    fn query<'a>(&'a self, plan: &'a Plan) -> Pending<'a, Vec<Row>> {
        self.read(|connection| row::query(connection, plan).map_err(refusal))
    }

    fn commit(&self, commit: Commit) -> Pending<'_, Vec<u64>> {
        Box::pin(self.write(Work::Commit(commit)))
    }

    fn counter<'a>(&'a self, name: &'a str) -> Pending<'a, i64> {
        self.read(|connection| row::counter(connection, name).map_err(refusal))
    }

    fn counters<'a>(&'a self, prefix: &'a str, limit: usize) -> Pending<'a, Vec<(String, i64)>> {
        self.read(|connection| row::counters(connection, prefix, limit).map_err(refusal))
    }

    fn outbox(&self, limit: usize) -> Pending<'_, Vec<(u64, Vec<u8>)>> {
        self.read(|connection| row::outbox(connection, limit).map_err(refusal))
    }

    fn outbox_done(&self, seqs: Vec<u64>) -> Pending<'_, ()> {
        Box::pin(async { self.write(Work::OutboxDone(seqs)).await.map(drop) })
    }

    fn meta<'a>(&'a self, name: &'a str) -> Pending<'a, Option<Vec<u8>>> {
        self.read(|connection| row::meta(connection, name).map_err(refusal))
    }

    fn put_meta<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a [u8]>,
        value: &'a [u8],
    ) -> Pending<'a, ()> {
        let work = Work::PutMeta {
            name: name.to_owned(),
            expected: expected.map(<[u8]>::to_vec),
            value: value.to_vec(),
        };
        Box::pin(async { self.write(work).await.map(drop) })
    }

    fn close(&self) -> Pending<'_, ()> {
        Box::pin(async {
            // First, so that the writer's is the last connection and takes the log away with it.
            self.readers.close();
            match self.write(Work::Close).await {
                Ok(_) | Err(StoreError::Closed) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    fn health(&self) -> &Arc<Health> {
        &self.health
    }
}

/// What a caller is told of SQLite's error when nothing was committed.
fn refusal(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        _ => StoreError::Unavailable(Cause::from(error)),
    }
}

fn no_answer() -> StoreError {
    StoreError::Unknown(Cause::from("the writer ended without an answer"))
}

#[cfg(test)]
mod tests;
