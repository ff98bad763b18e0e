use crate::cache::Cache;
use crate::engine::Engine;
use crate::news::{Changes, Desk, News};
use crate::place::Place;
use crate::query::Plan;
use crate::{Database, Key, Kind, Query, Rev, StoreError, Tx, body};
use base::{Entropy, Sealer};
use std::collections::HashMap;
use std::fmt;
use std::hash::RandomState;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The records of a deployment. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    database: Database,
    pub(crate) sealer: Arc<dyn Sealer>,
    entropy: Arc<dyn Entropy>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) news: Arc<News>,
    /// Hears what other nodes change, as long as the store is there.
    desk: Arc<Desk>,
    corrupt_rows: AtomicU64,
}

/// Settings of a store, whatever its engine.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// How many bytes of decoded records the cache may hold.
    pub cache_bytes: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 256 << 20,
        }
    }
}

/// An entry of the outbox: something to be delivered, committed with what it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its number; numbers rise in the order of the commits and are never used again. On PostgreSQL,
    /// of two commits that were under way at the same time either may have the lower ones.
    pub seq: u64,
    /// What was given to [`Tx::commit`].
    pub body: Vec<u8>,
}

/// How much a store did since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Transactions committed.
    pub commits: u64,
    /// Physical commits: each made one or more transactions durable.
    pub batches: u64,
    /// Commits that were refused because another one came between.
    pub conflicts: u64,
    /// Reads of cached kinds that the cache answered.
    pub cache_hits: u64,
    /// Reads of cached kinds that the cache could not answer.
    pub cache_misses: u64,
    /// About how many bytes the cache holds.
    pub cache_bytes: u64,
    /// Rows that a query met and left out because they are not authentic.
    pub corrupt_rows: u64,
}

impl Store {
    /// A store of `kinds` in `database`. Makes missing tables and indexes; blocks.
    pub fn new(
        database: Database,
        sealer: Arc<dyn Sealer>,
        entropy: Arc<dyn Entropy>,
        kinds: &[&'static Kind],
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        let mut by_name = HashMap::new();
        for kind in kinds {
            kind.check()?;
            if by_name.insert(kind.name, *kind).is_some() {
                return Err(StoreError::Misuse {
                    kind: kind.name,
                    problem: "two kinds share the name",
                });
            }
        }
        database.engine().prepare(kinds)?;
        let desk = Arc::new(Desk {
            cache: Arc::new(Cache::new(options.cache_bytes)),
            news: Arc::default(),
            kinds: by_name,
            seed: RandomState::new(),
        });
        #[cfg(feature = "postgres")]
        {
            let watcher: std::sync::Weak<Desk> = Arc::downgrade(&desk);
            database.engine().watch(watcher);
        }
        Ok(Self {
            inner: Arc::new(Inner {
                database,
                sealer,
                entropy,
                cache: Arc::clone(&desk.cache),
                news: Arc::clone(&desk.news),
                desk,
                corrupt_rows: AtomicU64::new(0),
            }),
        })
    }

    /// A store of `kinds` in memory, gone when dropped.
    pub fn open_memory(
        sealer: Arc<dyn Sealer>,
        entropy: Arc<dyn Entropy>,
        kinds: &[&'static Kind],
    ) -> Result<Self, StoreError> {
        let options = StoreOptions::default();
        Self::new(Database::memory(), sealer, entropy, kinds, &options)
    }

    /// Begins a transaction. It holds nothing of the engine's and may be dropped at any time.
    pub fn begin(&self) -> Tx {
        Tx::new(Arc::clone(&self.inner))
    }

    /// Begins a transaction that only reads: to commit writes of it is [`StoreError::Misuse`].
    ///
    /// It remembers nothing, so reading a key twice may give two answers, each of which was so.
    pub fn begin_reading(&self) -> Tx {
        Tx::reading(Arc::clone(&self.inner))
    }

    /// The value of a counter; 0 when it was never counted.
    pub async fn counter(&self, name: &str) -> Result<i64, StoreError> {
        self.inner.engine().counter(name).await
    }

    /// The first `limit` counters whose names begin with `prefix`, in the order of their names.
    pub async fn counters(
        &self,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        self.inner.engine().counters(prefix, limit).await
    }

    /// How many rows `query` finds among those of `kind`, up to its limit. Reads no record, so rows
    /// that are not authentic are counted as well.
    pub async fn count(&self, kind: &'static Kind, query: &Query) -> Result<usize, StoreError> {
        self.inner.check_kind(kind)?;
        let plan = Plan::resolve(kind, query)?;
        Ok(self.inner.engine().query(&plan).await?.len())
    }

    /// The oldest `limit` outbox entries of this node. An entry that is not authentic is an error: what is
    /// delivered from here must be complete.
    pub async fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, StoreError> {
        let sealer = self.inner.sealer.as_ref();
        let entries = self.inner.engine().outbox(limit).await?;
        let mut opened = Vec::with_capacity(entries.len());
        for (seq, sealed) in entries {
            let open = || body::open_outbox(sealer, &sealed);
            let body = body::renewing(sealer, open).await?;
            opened.push(OutboxEntry { seq, body });
        }
        Ok(opened)
    }

    /// Removes delivered outbox entries. Unknown numbers are ignored.
    pub async fn outbox_done(&self, seqs: Vec<u64>) -> Result<(), StoreError> {
        self.inner.engine().outbox_done(seqs).await
    }

    /// The other nodes of this database that have outbox entries: those that are at it, and those that
    /// ended before they delivered theirs.
    pub async fn other_outboxes(&self) -> Result<Vec<String>, StoreError> {
        self.inner.engine().other_outboxes().await
    }

    /// Takes over the outbox entries of `node`, which is known to have ended; gives how many. They keep
    /// their numbers.
    pub async fn adopt_outbox(&self, node: &str) -> Result<u64, StoreError> {
        self.inner.engine().adopt_outbox(node).await
    }

    /// What is changed from now on, by this node or another.
    pub fn changes(&self) -> Changes {
        self.inner.news.hear()
    }

    /// The database, for its meta values.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    /// Whether the storage failed for good: an I/O error whose effect on what is stored is not
    /// known. Every call errors from then on; the process should end.
    pub fn failed(&self) -> bool {
        self.inner.engine().health().has_failed()
    }

    /// Waits until [`Store::failed`].
    pub async fn until_failed(&self) {
        self.inner.engine().health().until_failed().await;
    }

    /// Rows that a query met and left out because they are not authentic.
    pub fn corrupt_rows(&self) -> u64 {
        self.inner.corrupt_rows.load(Ordering::Relaxed)
    }

    /// How much this store did since it was opened.
    pub fn stats(&self) -> Stats {
        let health = self.inner.engine().health();
        Stats {
            commits: health.commits.load(Ordering::Relaxed),
            batches: health.batches.load(Ordering::Relaxed),
            conflicts: health.conflicts.load(Ordering::Relaxed),
            cache_hits: self.inner.cache.hits(),
            cache_misses: self.inner.cache.misses(),
            cache_bytes: self.inner.cache.weight(),
            corrupt_rows: self.corrupt_rows(),
        }
    }

    /// Makes everything durable and stops. Later calls answer [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.database.close().await
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl Inner {
    pub(crate) fn engine(&self) -> &dyn Engine {
        self.database.engine().as_ref()
    }

    pub(crate) fn place(&self, kind: &'static Kind, key: &Key) -> Place {
        self.desk.place(kind, key)
    }

    /// Errors unless `kind` was given when the store was opened.
    pub(crate) fn check_kind(&self, kind: &'static Kind) -> Result<(), StoreError> {
        if self.desk.kinds.contains_key(kind.name) {
            return Ok(());
        }
        Err(StoreError::Misuse {
            kind: kind.name,
            problem: "the store was opened without this kind",
        })
    }

    /// A first revision: 62 random bits, which leaves room to count up for ever.
    pub(crate) fn first_rev(&self) -> Rev {
        let mut bytes = [0_u8; 8];
        self.entropy.fill(&mut bytes);
        Rev(i64::from_be_bytes(bytes) & FIRST_REV_BITS)
    }

    /// Reports and counts a row that a query leaves out. Says nothing of its content.
    pub(crate) fn report_corrupt(&self, place: &Place, error: &StoreError) {
        self.corrupt_rows.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            kind = place.kind.name,
            row = place.slot(usize::MAX),
            %error,
            "a stored row is not authentic and was left out of a list"
        );
    }
}

const FIRST_REV_BITS: i64 = (1 << 62) - 1;
