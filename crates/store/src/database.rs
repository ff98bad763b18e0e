use crate::StoreError;
use crate::engine::Engine;
use crate::engine::memory::Memory;
#[cfg(feature = "postgres")]
use crate::engine::postgres::{Postgres, PostgresOptions};
use crate::engine::sqlite::{Sqlite, SqliteOptions};
#[cfg(feature = "postgres")]
use base::Entropy;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// An opened database, before there is a sealer.
///
/// Offers only meta values, which are not sealed: the wrapped key ring is one, and must be read to
/// make the sealer that a [`Store`](crate::Store) needs. Clones are the same database.
#[derive(Clone)]
pub struct Database {
    engine: Arc<dyn Engine>,
}

impl Database {
    /// An empty database in memory.
    pub fn memory() -> Self {
        Self {
            engine: Arc::new(Memory::default()),
        }
    }

    /// Opens the SQLite database at `path`, creating it when there is none.
    ///
    /// The caller makes sure (by a lock file) that no other process has it open. Blocks.
    pub fn sqlite(path: &Path, options: &SqliteOptions) -> Result<Self, StoreError> {
        Ok(Self {
            engine: Arc::new(Sqlite::open(path, options)?),
        })
    }

    /// Opens the database on a PostgreSQL server, for this node beside any others, and makes its
    /// schema when there is none. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when it is not one that this program can use,
    /// [`StoreError::Unavailable`] when no primary answers.
    #[cfg(feature = "postgres")]
    pub fn postgres(
        options: &PostgresOptions,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            engine: Arc::new(Postgres::open(options, entropy)?),
        })
    }

    /// The meta value called `name`.
    pub async fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.engine.meta(name).await
    }

    /// Sets the meta value called `name`, durably, when it is `expected` now; else
    /// [`StoreError::Conflict`]. Names beginning with `store.` are the store's own.
    pub async fn put_meta(
        &self,
        name: &str,
        expected: Option<&[u8]>,
        value: &[u8],
    ) -> Result<(), StoreError> {
        if name.starts_with(OWN_META) {
            return Err(StoreError::Misuse {
                kind: "meta",
                problem: "names beginning with `store.` are the store's own",
            });
        }
        self.engine.put_meta(name, expected, value).await
    }

    /// Makes everything durable and stops. Later calls answer [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        self.engine.close().await
    }

    pub(crate) fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

const OWN_META: &str = "store.";
