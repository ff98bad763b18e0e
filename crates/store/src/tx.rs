use crate::cache::{Entry, Erased, Invalidation};
use crate::engine::{Commit, Count, Read};
use crate::place::Place;
use crate::query::Plan;
use crate::store::Inner;
use crate::{Key, Query, Record, Rev, StoreError, Versioned, body};
use by_place::{ByPlace, Placed};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use writes::Writes;

mod by_place;
mod scan;
mod writes;

/// A transaction: reads that are remembered, writes that are kept back until [`Tx::commit`].
///
/// Its reads see its own writes. Reading a key twice gives the same answer. What another node of the
/// same database has committed before the transaction began, its reads see; what one commits while it
/// is open they may miss, as the commit then finds out. Dropping it undoes everything. It is meant to be run again on [`StoreError::Conflict`], so nothing outside the
/// store should happen before it is committed.
pub struct Tx {
    inner: Arc<Inner>,
    /// Whether it may write, so that what it reads has to be remembered.
    may_write: bool,
    /// Whether what other nodes changed is known, as of some moment since the transaction began.
    is_fresh: bool,
    seen: ByPlace<Seen>,
    scans: Vec<(Plan, Vec<(Key, Rev)>)>,
    writes: Writes,
    counts: Vec<Count>,
}

/// What a key held when it was first read.
struct Seen {
    place: Place,
    found: Option<(Erased, Rev)>,
}

impl Placed for Seen {
    fn place(&self) -> &Place {
        &self.place
    }
}

impl Tx {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self {
            inner,
            may_write: true,
            is_fresh: false,
            seen: ByPlace::with_capacity(TYPICAL_READS),
            scans: Vec::new(),
            writes: Writes::default(),
            counts: Vec::new(),
        }
    }

    /// One that reads only, which costs less: it remembers nothing, so reading a key twice may give
    /// two answers.
    pub(crate) fn reading(inner: Arc<Inner>) -> Self {
        Self {
            inner,
            may_write: false,
            is_fresh: false,
            seen: ByPlace::default(),
            scans: Vec::new(),
            writes: Writes::default(),
            counts: Vec::new(),
        }
    }

    /// The record under `key`.
    pub async fn get<R: Record>(&mut self, key: &Key) -> Result<Option<Versioned<R>>, StoreError> {
        self.inner.engine().health().check()?;
        let place = self.inner.place(R::KIND, key);
        if let Some(written) = self.writes.at(&place) {
            return typed(written);
        }
        if let Some(seen) = self.seen.get(&place) {
            return typed(seen.found.clone());
        }
        let found = match self.cached(&place).await {
            Some(entry) => entry.found,
            None => self.fetch::<R>(&place).await?,
        };
        if self.may_write {
            self.seen.push(Seen {
                place,
                found: found.clone(),
            });
        }
        typed(found)
    }

    /// Puts a new record in. A taken key is a conflict at commit.
    pub fn insert<R: Record>(&mut self, record: R) {
        let place = self.inner.place(R::KIND, &record.key());
        let rev = self.inner.first_rev();
        self.writes.insert(place, record, rev);
    }

    /// Puts `record` in the place of what its key held at revision `rev`.
    pub fn update<R: Record>(&mut self, record: R, rev: Rev) {
        let place = self.inner.place(R::KIND, &record.key());
        self.writes.update(place, record, rev);
    }

    /// Removes what `key` held at revision `rev`.
    pub fn delete<R: Record>(&mut self, key: &Key, rev: Rev) {
        let place = self.inner.place(R::KIND, key);
        self.writes.delete(place, rev);
    }

    /// The records that `query` admits, in its order.
    ///
    /// Never fewer than its limit unless there are no more: rows that are not authentic are left
    /// out, reported and counted, and others read in their stead.
    pub async fn query<R: Record>(
        &mut self,
        query: &Query,
    ) -> Result<Vec<Versioned<R>>, StoreError> {
        self.inner.engine().health().check()?;
        self.inner.check_kind(R::KIND)?;
        let plan = Plan::resolve(R::KIND, query)?;
        self.scan(plan, query.limit()).await
    }

    /// Adds `delta` to `counter`. When that is positive and would bring it above `max`, the commit
    /// answers [`StoreError::LimitReached`]. Counting conflicts with nothing.
    pub fn count(&mut self, counter: &str, delta: i64, max: Option<i64>) {
        match self.counts.iter_mut().find(|count| count.name == counter) {
            Some(count) => {
                count.delta = count.delta.saturating_add(delta);
                count.max = [count.max, max].into_iter().flatten().min();
            }
            None => self.counts.push(Count {
                name: counter.to_owned(),
                delta,
                max,
            }),
        }
    }

    /// Makes the writes, counts and `outbox` entries durable, all or none, if everything the
    /// transaction read is still so. Gives the numbers of the outbox entries.
    ///
    /// With nothing to write it returns at once and validates nothing. If the caller stops waiting
    /// for the answer, the transaction may still be committed.
    pub async fn commit(self, outbox: Vec<Vec<u8>>) -> Result<Vec<u64>, StoreError> {
        let inner = Arc::clone(&self.inner);
        inner.engine().health().check()?;
        match self.into_commit(&outbox)? {
            Some(commit) => {
                let outcome = inner.engine().commit(commit).await;
                if matches!(outcome, Err(StoreError::Conflict)) {
                    inner
                        .engine()
                        .health()
                        .conflicts
                        .fetch_add(1, Ordering::Relaxed);
                }
                outcome
            }
            None => Ok(Vec::new()),
        }
    }

    /// What the cache knows of `place`.
    ///
    /// INVARIANT: it is looked into only when it is fresh, see `cache`. Once per transaction is enough:
    /// what an operation sees is then no older than its transaction, and so than the operation itself.
    async fn cached(&mut self, place: &Place) -> Option<Entry> {
        if !place.kind.cached {
            return None;
        }
        if !self.is_fresh {
            if let Some(refreshed) = self.inner.engine().refresh() {
                // The engine itself is always current, and asking it takes no longer than this.
                if self.inner.cache.peek(place).is_none() || refreshed.await.is_err() {
                    self.inner.cache.missed();
                    return None;
                }
            }
            self.is_fresh = true;
        }
        self.inner.cache.get(place)
    }

    async fn fetch<R: Record>(&self, place: &Place) -> Result<Option<(Erased, Rev)>, StoreError> {
        let inner = &self.inner;
        inner.check_kind(R::KIND)?;
        if !R::KIND.fits_key(place.key.values()) {
            return Err(StoreError::Misuse {
                kind: R::KIND.name,
                problem: "the key is not of the kind's key columns",
            });
        }
        // INVARIANT: the ticket is taken before the engine is read, see `cache`.
        let ticket = R::KIND.cached.then(|| inner.cache.ticket(place)).flatten();
        let row = inner.engine().get(R::KIND, &place.key).await?;
        let (found, weight) = match row {
            None => (None, 0),
            Some(row) if row.key != place.key => {
                return Err(StoreError::Corrupt { kind: R::KIND.name });
            }
            Some(row) => {
                let sealer = inner.sealer.as_ref();
                let record: R = body::renewing(sealer, || body::open(sealer, &row)).await?;
                let weight = record.weight();
                let record: Erased = Arc::new(record);
                (Some((record, row.rev)), weight)
            }
        };
        if let Some(ticket) = ticket {
            let entry = Entry::new(place, found.clone(), weight);
            inner.cache.fill(place, ticket, entry);
        }
        Ok(found)
    }

    /// What the engine is to do; `None` when there is nothing to write.
    fn into_commit(self, outbox: &[Vec<u8>]) -> Result<Option<Commit>, StoreError> {
        let inner = self.inner;
        if self.writes.is_empty() && self.counts.is_empty() && outbox.is_empty() {
            return Ok(None);
        }
        if !self.may_write {
            return Err(StoreError::Misuse {
                kind: "any",
                problem: "a transaction that only reads was to write",
            });
        }
        let mut reads: Vec<Read> = self
            .seen
            .into_iter()
            .map(|Seen { place, found }| (place, found.map(|(_, rev)| rev)))
            // A write that expects the same of the row validates it already.
            .filter(|(place, rev)| self.writes.expects(place) != Some(*rev))
            .map(|(place, rev)| Read::Row {
                kind: place.kind,
                key: place.key,
                rev,
            })
            .collect();
        let scans = self.scans.into_iter();
        reads.extend(scans.map(|(plan, seen)| Read::Query { plan, seen }));
        let sealed = self.writes.seal(&inner)?;
        reads.extend(sealed.absent);
        let outbox = outbox
            .iter()
            .map(|body| body::seal_outbox(inner.sealer.as_ref(), body))
            .collect::<Result<_, _>>()?;
        let cache = Arc::clone(&inner.cache);
        let observer = Invalidation::new(cache, sealed.entries);
        Ok(Some(Commit {
            observer: Box::new(observer.telling(&inner.news, &sealed.writes)),
            reads,
            writes: sealed.writes,
            counts: self.counts,
            outbox,
        }))
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}

fn typed<R: Record>(found: Option<(Erased, Rev)>) -> Result<Option<Versioned<R>>, StoreError> {
    let Some((record, rev)) = found else {
        return Ok(None);
    };
    let record = record.downcast::<R>().map_err(|_| StoreError::Misuse {
        kind: R::KIND.name,
        problem: "two types of record share the kind",
    })?;
    Ok(Some(Versioned { record, rev }))
}

/// Room for the reads of most transactions.
const TYPICAL_READS: usize = 8;
