//! The model: serializable transactions in the plainest words, knowing nothing of the store.

use super::{Ask, Cell, Place, SLOTS, Step};
use crate::support::Item;
use std::collections::BTreeMap;

/// The committed state. Every write has a stamp of its own, which is the naive revision.
#[derive(Default)]
pub(super) struct Model {
    rows: BTreeMap<Place, (Item, u64)>,
    counter: i64,
    outbox: usize,
    stamp: u64,
}

/// A transaction of the model: readings with what they gave, and the rows as they shall be.
#[derive(Default)]
struct ModelTx {
    gets: BTreeMap<Place, Option<(Item, u64)>>,
    /// A query, the stamps of the first rows it went through, and whether they were all.
    asks: Vec<(Ask, Vec<u64>, bool)>,
    /// Per row: the stamp it must have, and what it shall hold.
    writes: BTreeMap<Place, (Option<u64>, Option<Item>)>,
    doomed: bool,
    counts: Vec<(i64, Option<i64>)>,
}

pub(super) fn place_of(item: &Item) -> Place {
    (item.account.clone(), item.name.clone())
}

impl Model {
    fn get(&self, tx: &mut ModelTx, place: &Place) -> Option<Item> {
        if let Some((_, now)) = tx.writes.get(place) {
            return now.clone();
        }
        let current = || self.rows.get(place).cloned();
        let seen = tx.gets.entry(place.clone()).or_insert_with(current);
        seen.as_ref().map(|(item, _)| item.clone())
    }

    fn insert(&self, tx: &mut ModelTx, item: &Item) {
        match tx.writes.get_mut(&place_of(item)) {
            None => {
                let write = (None, Some(item.clone()));
                tx.writes.insert(place_of(item), write);
            }
            Some((_, now @ None)) => *now = Some(item.clone()),
            Some(_) => tx.doomed = true,
        }
    }

    fn replace(&self, tx: &mut ModelTx, place: &Place, now: Option<Item>) {
        if self.get(tx, place).is_none() {
            return;
        }
        match tx.writes.get_mut(place) {
            Some(write) => write.1 = now,
            None => {
                let base = tx.gets[place].as_ref().map(|(_, stamp)| *stamp);
                tx.writes.insert(place.clone(), (base, now));
            }
        }
    }

    /// All committed rows that a query admits, in order.
    fn select(&self, ask: &Ask) -> Vec<(Vec<Cell>, Item, u64)> {
        let mut found: Vec<_> = self
            .rows
            .values()
            .filter_map(|(item, stamp)| Some((ask.cells(item)?, item.clone(), *stamp)))
            .filter(|(cells, ..)| ask.admits(cells))
            .collect();
        ask.sort(&mut found);
        found
    }

    fn query(&self, tx: &mut ModelTx, ask: &Ask) -> Vec<Item> {
        if ask.limit == 0 {
            return Vec::new();
        }
        // The shortest beginning that has enough rows which the transaction does not change.
        let (mut read, mut found) = (Vec::new(), Vec::new());
        let mut complete = true;
        for (cells, item, stamp) in self.select(ask) {
            if found.len() == ask.limit {
                complete = false;
                break;
            }
            read.push(stamp);
            if !tx.writes.contains_key(&place_of(&item)) {
                found.push((cells, item, stamp));
            }
        }
        complete &= found.len() < ask.limit;
        tx.asks.push((ask.clone(), read, complete));
        let own = tx.writes.values().filter_map(|(_, now)| now.clone());
        found.extend(own.filter_map(|item| Some((ask.cells(&item)?, item, 0))));
        found.retain(|(cells, ..)| ask.admits(cells));
        ask.sort(&mut found);
        found.truncate(ask.limit);
        found.into_iter().map(|(_, item, _)| item).collect()
    }

    fn commit(&mut self, tx: ModelTx, entries: usize) -> String {
        if tx.writes.is_empty() && tx.counts.is_empty() && entries == 0 && !tx.doomed {
            return String::from("Ok(0)");
        }
        let stamp = |place| self.rows.get(place).map(|(_, stamp)| *stamp);
        let gets_hold = tx
            .gets
            .iter()
            .all(|(place, seen)| stamp(place) == seen.as_ref().map(|(_, stamp)| *stamp));
        let writes_fit = tx
            .writes
            .iter()
            .all(|(place, (base, _))| stamp(place) == *base);
        let asks_hold = tx.asks.iter().all(|(ask, read, complete)| {
            let now: Vec<u64> = self.select(ask).iter().map(|(.., stamp)| *stamp).collect();
            now.starts_with(read) && (!complete || now.len() == read.len())
        });
        if tx.doomed || !gets_hold || !writes_fit || !asks_hold {
            return String::from("conflict");
        }
        let delta: i64 = tx.counts.iter().map(|(delta, _)| delta).sum();
        let max = tx.counts.iter().filter_map(|(_, max)| *max).min();
        if delta > 0 && max.is_some_and(|max| self.counter + delta > max) {
            return String::from("limit");
        }
        self.counter += delta;
        self.outbox += entries;
        for (place, (_, now)) in tx.writes {
            self.stamp += 1;
            match now {
                Some(item) => self.rows.insert(place, (item, self.stamp)),
                None => self.rows.remove(&place),
            };
        }
        format!("Ok({entries})")
    }

    pub(super) fn run(mut self, history: &[(usize, Step)]) -> Vec<String> {
        let mut open: [ModelTx; SLOTS] = Default::default();
        let mut answers = Vec::new();
        for (slot, step) in history {
            let tx = &mut open[*slot];
            answers.push(match step {
                Step::Get(place) => format!("{:?}", self.get(tx, place)),
                Step::Query(ask) => format!("{:?}", self.query(tx, ask)),
                Step::Commit(entries) => self.commit(std::mem::take(tx), *entries),
                other => {
                    match other {
                        Step::Insert(item) => self.insert(tx, item),
                        Step::Update(item) => {
                            self.replace(tx, &place_of(item), Some(item.clone()));
                        }
                        Step::Delete(place) => self.replace(tx, place, None),
                        Step::Count(delta, max) => tx.counts.push((*delta, *max)),
                        _ => *tx = ModelTx::default(),
                    }
                    String::new()
                }
            });
        }
        let rows: Vec<Item> = self.rows.into_values().map(|(item, _)| item).collect();
        answers.push(format!("{rows:?} {} {}", self.counter, self.outbox));
        answers
    }
}
