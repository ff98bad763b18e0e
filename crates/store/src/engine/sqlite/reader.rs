//! Read connections, checked out for one call each.

use super::{SqliteOptions, refusal, schema};
use crate::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// A pool that opens a connection when none is idle and keeps a bounded number.
///
/// Calls run to their end on the calling thread, so there are never more connections than threads.
pub(super) struct Readers {
    path: PathBuf,
    options: SqliteOptions,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path, options: &SqliteOptions) -> Self {
        Self {
            path: path.to_owned(),
            options: options.clone(),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Runs `call` with a connection.
    ///
    /// INVARIANT: every statement is finished when `call` returns (its borrow ends), so the next
    /// one begins a new snapshot, which holds every commit acknowledged before.
    pub(super) fn with<T>(
        &self,
        call: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::open_reader(&self.path, &self.options).map_err(refusal)?,
        };
        let answer = call(&connection);
        let mut idle = self.idle.lock();
        if idle.len() < self.options.idle_readers {
            idle.push(connection);
        }
        answer
    }

    /// Closes the idle connections.
    pub(super) fn close(&self) {
        self.idle.lock().clear();
    }
}
