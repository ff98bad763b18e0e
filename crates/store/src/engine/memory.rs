//! The engine that keeps everything in memory, behind one mutex. For tests, and the reference
//! model: every rule of [`crate::engine`] in its plainest form.

use super::{Change, Commit, Count, Engine, Health, Pending, Read, Row};
use crate::query::Plan;
use crate::{Key, Kind, Rev, StoreError};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Tables as sorted maps.
#[derive(Default)]
pub(crate) struct Memory {
    state: Mutex<State>,
    health: Arc<Health>,
}

#[derive(Default)]
struct State {
    tables: HashMap<&'static str, BTreeMap<Key, Row>>,
    counters: HashMap<String, i64>,
    outbox: BTreeMap<u64, Vec<u8>>,
    last_seq: u64,
    meta: HashMap<String, Vec<u8>>,
}

impl Memory {
    fn with<'a, T: Send + 'a>(
        &self,
        call: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Pending<'a, T> {
        let answer = match self.health.check() {
            Ok(()) => call(&mut self.state.lock()),
            Err(refusal) => Err(refusal),
        };
        Box::pin(std::future::ready(answer))
    }
}

impl Engine for Memory {
    fn prepare(&self, kinds: &[&'static Kind]) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        for kind in kinds {
            state.tables.entry(kind.name).or_default();
        }
        Ok(())
    }

    fn get<'a>(&'a self, kind: &'static Kind, key: &'a Key) -> Pending<'a, Option<Row>> {
        self.with(|state| Ok(state.table(kind).and_then(|table| table.get(key)).cloned()))
    }

    fn query<'a>(&'a self, plan: &'a Plan) -> Pending<'a, Vec<Row>> {
        self.with(|state| Ok(state.select(plan).into_iter().cloned().collect()))
    }

    fn commit(&self, mut commit: Commit) -> Pending<'_, Vec<u64>> {
        self.with(|state| {
            let counters = state.validate(&commit)?;
            // INVARIANT: nothing below can fail.
            commit.observer.before();
            let seqs = state.apply(&mut commit, counters);
            commit.observer.after(true);
            self.health.commits.fetch_add(1, Ordering::Relaxed);
            self.health.batches.fetch_add(1, Ordering::Relaxed);
            Ok(seqs)
        })
    }

    fn counter<'a>(&'a self, name: &'a str) -> Pending<'a, i64> {
        self.with(|state| Ok(state.counters.get(name).copied().unwrap_or(0)))
    }

    fn counters<'a>(&'a self, prefix: &'a str, limit: usize) -> Pending<'a, Vec<(String, i64)>> {
        self.with(|state| {
            let own = state.counters.iter();
            let own = own.filter(|(name, _)| name.starts_with(prefix));
            let mut own: Vec<_> = own.map(|(name, value)| (name.clone(), *value)).collect();
            own.sort_unstable();
            own.truncate(limit);
            Ok(own)
        })
    }

    fn outbox(&self, limit: usize) -> Pending<'_, Vec<(u64, Vec<u8>)>> {
        self.with(|state| {
            let oldest = state.outbox.iter().take(limit);
            Ok(oldest.map(|(seq, body)| (*seq, body.clone())).collect())
        })
    }

    fn outbox_done(&self, seqs: Vec<u64>) -> Pending<'_, ()> {
        self.with(|state| {
            for seq in seqs {
                state.outbox.remove(&seq);
            }
            Ok(())
        })
    }

    fn meta<'a>(&'a self, name: &'a str) -> Pending<'a, Option<Vec<u8>>> {
        self.with(|state| Ok(state.meta.get(name).cloned()))
    }

    fn put_meta<'a>(
        &'a self,
        name: &'a str,
        expected: Option<&'a [u8]>,
        value: &'a [u8],
    ) -> Pending<'a, ()> {
        self.with(|state| {
            if state.meta.get(name).map(Vec::as_slice) != expected {
                return Err(StoreError::Conflict);
            }
            state.meta.insert(name.to_owned(), value.to_vec());
            Ok(())
        })
    }

    fn close(&self) -> Pending<'_, ()> {
        self.health.close();
        Box::pin(std::future::ready(Ok(())))
    }

    fn health(&self) -> &Arc<Health> {
        &self.health
    }
}

impl State {
    fn table(&self, kind: &Kind) -> Option<&BTreeMap<Key, Row>> {
        self.tables.get(kind.name)
    }

    fn rev(&self, kind: &Kind, key: &Key) -> Option<Rev> {
        self.table(kind)?.get(key).map(|row| row.rev)
    }

    fn select(&self, plan: &Plan) -> Vec<&Row> {
        let rows = self.table(plan.kind).into_iter().flat_map(BTreeMap::values);
        let mut admitted: Vec<_> = rows
            .filter_map(|row| Some((plan.place(row.key.values(), &row.columns)?, row)))
            .filter(|(place, _)| plan.admits(place))
            .collect();
        admitted.sort_by(|(a, _), (b, _)| plan.compare(a, b));
        admitted.truncate(plan.limit);
        admitted.into_iter().map(|(_, row)| row).collect()
    }

    /// The counters' new values, when everything that `commit` relies on holds.
    fn validate(&self, commit: &Commit) -> Result<Vec<(String, i64)>, StoreError> {
        let reads_hold = commit.reads.iter().all(|read| match read {
            Read::Row { kind, key, rev } => self.rev(kind, key) == *rev,
            Read::Query { plan, seen } => {
                let rows = self.select(plan);
                rows.len() == seen.len()
                    && rows
                        .iter()
                        .zip(seen)
                        .all(|(row, (key, rev))| row.key == *key && row.rev == *rev)
            }
        });
        let writes_fit = commit.writes.iter().all(|write| {
            let now = self.rev(write.kind, &write.key);
            match &write.change {
                Change::Insert { .. } => now.is_none(),
                Change::Update { was, .. } | Change::Delete { was } => now == Some(*was),
            }
        });
        if !reads_hold || !writes_fit {
            return Err(StoreError::Conflict);
        }
        commit
            .counts
            .iter()
            .map(|count| self.count(count))
            .collect()
    }

    fn count(&self, count: &Count) -> Result<(String, i64), StoreError> {
        let now = self.counters.get(&count.name).copied().unwrap_or(0);
        Ok((count.name.clone(), count.of(now)?))
    }

    fn apply(&mut self, commit: &mut Commit, counters: Vec<(String, i64)>) -> Vec<u64> {
        for write in commit.writes.drain(..) {
            let table = self.tables.entry(write.kind.name).or_default();
            match write.change {
                Change::Insert { row } | Change::Update { row, .. } => {
                    table.insert(write.key, row);
                }
                Change::Delete { .. } => {
                    table.remove(&write.key);
                }
            }
        }
        self.counters.extend(counters);
        commit
            .outbox
            .drain(..)
            .map(|body| self.push(body))
            .collect()
    }

    fn push(&mut self, body: Vec<u8>) -> u64 {
        self.last_seq = self.last_seq.saturating_add(1);
        self.outbox.insert(self.last_seq, body);
        self.last_seq
    }
}
