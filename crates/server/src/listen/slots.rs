//! How many connections may be open at once, over all threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Places for connections.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Inner>);

struct Inner {
    taken: AtomicUsize,
    most: usize,
    accepted: AtomicU64,
    refused: AtomicU64,
}

impl Slots {
    /// `most` free places.
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Inner {
            taken: AtomicUsize::new(0),
            most,
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }))
    }

    /// A place, given back when dropped. `None` when all are taken.
    pub(super) fn take(&self) -> Option<Slot> {
        let slot = Slot(Arc::clone(&self.0));
        let before = self.0.taken.fetch_add(1, Ordering::Relaxed);
        let is_free = before < self.0.most;
        let counter = if is_free {
            &self.0.accepted
        } else {
            &self.0.refused
        };
        counter.fetch_add(1, Ordering::Relaxed);
        is_free.then_some(slot)
    }

    /// How many places are taken.
    pub(crate) fn open(&self) -> usize {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// How many there are.
    pub(crate) fn limit(&self) -> usize {
        self.0.most
    }

    /// How often a place was given.
    pub(crate) fn accepted(&self) -> u64 {
        self.0.accepted.load(Ordering::Relaxed)
    }

    /// How often there was none.
    pub(crate) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }
}

/// One place.
pub(super) struct Slot(Arc<Inner>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_run_out_and_come_back() {
        let slots = Slots::new(2);

        let first = slots.take();
        let second = slots.take();
        let third = slots.take();
        drop(first);
        let fourth = slots.take();
        let fifth = slots.take();

        assert!(second.is_some());
        assert!(third.is_none());
        assert!(fourth.is_some());
        assert!(fifth.is_none());
        assert_eq!((slots.open(), slots.limit()), (2, 2));
        assert_eq!((slots.accepted(), slots.refused()), (3, 2));
    }
}
