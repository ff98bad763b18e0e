//! Decoded records of hot kinds, never older than what anyone could have seen.
//!
//! INVARIANT (coherence): a hit returns what a read of the engine at that moment could return.
//! Each place belongs to a stripe, which counts the commits begun (`generation`) and those under
//! way (`in_flight`). Three rules, each under the stripe's lock, make it so:
//!
//! 1. Before the engine makes a transaction visible, [`Observer::before`] counts it in on the
//!    stripe of each changed place and removes the place's entry.
//! 2. When it is visible to every later read, [`Observer::after`] counts it out, and puts the new
//!    entry in if no other commit on the stripe is under way or began since. Of two commits to
//!    one row the later was decided after the earlier was visible, so this entry is the newest.
//! 3. A reader that missed takes a [`Ticket`] before it reads the engine, which it gets only while
//!    nothing is under way, and puts its entry in only if nothing began since.
//!
//! So while an entry is in the cache no commit of this node to its place is between `before` and `after`, and
//! no commit has changed the place since the entry was read or written: it is the current row. A
//! hit therefore takes effect at the moment of the look-up, an engine read at the moment the
//! engine says, and a commit between its `before` and `after`, during which every reader goes to
//! the engine: the history is linearizable per record. If `after` does not come (the outcome is
//! unknown), the stripe stays shut until it does, which costs time but is never wrong. The hit path
//! takes one shard's read lock and no stripe.
//!
//! Other nodes commit without `before` and `after`. Their changes come in through
//! [`Cache::invalidate`], each once, and a fourth rule makes up for it:
//!
//! 4. A reader looks into the cache only after [`Engine::refresh`](crate::engine::Engine::refresh):
//!    every change is in that was acknowledged, on whatever node, before the reader asked. To
//!    invalidate removes the place's entry and counts the generation up, as a commit's beginning.
//!
//! Say a hit gave an entry older than a commit `C` of another node that was acknowledged before the
//! reader asked. `C` was invalidated before the look-up, by rule 4. An entry that was there before
//! that was removed; one put in later by a reader has a ticket that is not older than the
//! invalidation, or the generation would be another, so its reading of the engine began when `C` was
//! visible, and has it; one put in later by a commit of this node began later as well, for the same
//! reason, and was decided when `C` was visible, on top of it. So there is no such entry. A commit of
//! this node comes back in the change log too, and is left out there: rules 1 to 3 have dealt with it.

use crate::engine::{Observer, Write};
use crate::news::News;
use crate::place::Place;
use crate::{Changed, Rev};
use base::Tally;
use parking_lot::Mutex;
use quick_cache::Weighter;
use std::any::Any;
use std::sync::Arc;

/// A decoded record of whatever type.
pub(crate) type Erased = Arc<dyn Any + Send + Sync>;

/// The cache of one store.
pub(crate) struct Cache {
    entries: quick_cache::sync::Cache<Place, Entry, ByWeight>,
    stripes: Vec<Mutex<Stripe>>,
    hits: Tally,
    misses: Tally,
}

/// What is known of a place: a record and its revision, or that there is none.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) found: Option<(Erased, Rev)>,
    weight: u64,
}

impl Entry {
    /// An entry for `place`. `weight` is that of the record.
    pub(crate) fn new(place: &Place, found: Option<(Erased, Rev)>, weight: usize) -> Self {
        let weight = ENTRY_BYTES
            .saturating_add(place.weight())
            .saturating_add(weight);
        Self {
            found,
            weight: u64::try_from(weight).unwrap_or(u64::MAX),
        }
    }
}

/// The right to put in what was read after it was taken.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    generation: u64,
}

#[derive(Default)]
struct Stripe {
    generation: u64,
    in_flight: u32,
}

impl Cache {
    /// A cache that holds about `capacity_bytes` of records.
    pub(crate) fn new(capacity_bytes: u64) -> Self {
        let items = usize::try_from(capacity_bytes / TYPICAL_BYTES).unwrap_or(usize::MAX);
        Self {
            entries: quick_cache::sync::Cache::with_weighter(items, capacity_bytes, ByWeight),
            stripes: (0..STRIPES).map(|_| Mutex::default()).collect(),
            hits: Tally::default(),
            misses: Tally::default(),
        }
    }

    /// The current entry of `place`, if it is in the cache.
    pub(crate) fn get(&self, place: &Place) -> Option<Entry> {
        let entry = self.entries.get(place);
        match entry {
            Some(_) => self.hits.add(1),
            None => self.misses.add(1),
        }
        entry
    }

    /// Like [`Cache::get`], without counting as a use: for scans.
    pub(crate) fn peek(&self, place: &Place) -> Option<Entry> {
        self.entries.peek(place)
    }

    /// To be taken before reading `place` from the engine. `None` while a commit is under way.
    pub(crate) fn ticket(&self, place: &Place) -> Option<Ticket> {
        let stripe = self.stripe(place)?.lock();
        (stripe.in_flight == 0).then_some(Ticket {
            generation: stripe.generation,
        })
    }

    /// Puts in what was read under `ticket`, unless a commit began since.
    pub(crate) fn fill(&self, place: &Place, ticket: Ticket, entry: Entry) {
        let Some(stripe) = self.stripe(place) else {
            return;
        };
        let stripe = stripe.lock();
        if stripe.in_flight == 0 && stripe.generation == ticket.generation {
            self.entries.insert(place.clone(), entry);
        }
    }

    /// Forgets what is known of `place`, and shuts out whoever is reading it: another node changed
    /// it.
    #[cfg(any(test, feature = "postgres"))]
    pub(crate) fn invalidate(&self, place: &Place) {
        let Some(stripe) = self.stripe(place) else {
            return;
        };
        let mut stripe = stripe.lock();
        stripe.generation = stripe.generation.wrapping_add(1);
        self.entries.remove(place);
    }

    /// Forgets everything: another node may have changed any place.
    #[cfg(any(test, feature = "postgres"))]
    pub(crate) fn invalidate_all(&self) {
        // Whoever puts something in now holds its stripe, so after this it is in, or shut out.
        for stripe in &self.stripes {
            let mut stripe = stripe.lock();
            stripe.generation = stripe.generation.wrapping_add(1);
        }
        self.entries.clear();
    }

    /// How often a record was asked for and not there.
    pub(crate) fn misses(&self) -> u64 {
        self.misses.sum()
    }

    /// How often it was.
    pub(crate) fn hits(&self) -> u64 {
        self.hits.sum()
    }

    /// About how many bytes are held.
    pub(crate) fn weight(&self) -> u64 {
        self.entries.weight()
    }

    /// Counts an asking for a record that was not there.
    pub(crate) fn missed(&self) {
        self.misses.add(1);
    }

    fn stripe(&self, place: &Place) -> Option<&Mutex<Stripe>> {
        self.stripes.get(place.slot(STRIPES))
    }

    fn begin(&self, place: &Place) -> u64 {
        let Some(stripe) = self.stripe(place) else {
            return 0;
        };
        let mut stripe = stripe.lock();
        stripe.in_flight = stripe.in_flight.saturating_add(1);
        stripe.generation = stripe.generation.wrapping_add(1);
        self.entries.remove(place);
        stripe.generation
    }

    fn end(&self, place: &Place, generation: u64, entry: Option<Entry>) {
        let Some(stripe) = self.stripe(place) else {
            return;
        };
        let mut stripe = stripe.lock();
        stripe.in_flight = stripe.in_flight.saturating_sub(1);
        if let Some(entry) = entry
            && stripe.in_flight == 0
            && stripe.generation == generation
        {
            self.entries.insert(place.clone(), entry);
        }
    }
}

/// The places that one transaction changes, with what they will hold.
pub(crate) struct Invalidation {
    cache: Arc<Cache>,
    changes: Vec<(Place, Entry)>,
    generations: Vec<u64>,
    /// Whom to tell of what was changed, cached or not.
    news: Option<(Arc<News>, Vec<Changed>)>,
}

impl Invalidation {
    pub(crate) fn new(cache: Arc<Cache>, changes: Vec<(Place, Entry)>) -> Self {
        Self {
            cache,
            changes,
            generations: Vec::new(),
            news: None,
        }
    }

    /// Tells `news` of the rows that `writes` change, once they are changed.
    pub(crate) fn telling(mut self, news: &Arc<News>, writes: &[Write]) -> Self {
        if news.is_heard() {
            let changed = writes.iter().map(|write| Changed::Record {
                kind: write.kind.name,
                key: write.key.clone(),
            });
            self.news = Some((Arc::clone(news), changed.collect()));
        }
        self
    }
}

impl Observer for Invalidation {
    fn before(&mut self) {
        let begin = |(place, _): &(Place, Entry)| self.cache.begin(place);
        self.generations = self.changes.iter().map(begin).collect();
    }

    fn after(&mut self, committed: bool) {
        let changes = self.changes.drain(..).zip(self.generations.drain(..));
        for ((place, entry), generation) in changes {
            self.cache
                .end(&place, generation, committed.then_some(entry));
        }
        if let Some((news, changed)) = self.news.take()
            && committed
        {
            changed.into_iter().for_each(|changed| news.tell(changed));
        }
    }
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<Place, Entry> for ByWeight {
    fn weight(&self, _: &Place, entry: &Entry) -> u64 {
        entry.weight
    }
}

const STRIPES: usize = 1_024;
/// What an entry takes beside its key and record.
const ENTRY_BYTES: usize = 160;
/// A usual record's weight, from which the number of entries is guessed.
const TYPICAL_BYTES: u64 = 1_024;

#[cfg(test)]
mod tests;
