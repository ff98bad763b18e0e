//! How many connections may be open at once, over all threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Places for connections.
#[derive(Clone)]
pub(super) struct Slots(Arc<Inner>);

struct Inner {
    taken: AtomicUsize,
    most: usize,
}

impl Slots {
    /// `most` free places.
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Inner {
            taken: AtomicUsize::new(0),
            most,
        }))
    }

    /// A place, given back when dropped. `None` when all are taken.
    pub(super) fn take(&self) -> Option<Slot> {
        let slot = Slot(Arc::clone(&self.0));
        let before = self.0.taken.fetch_add(1, Ordering::Relaxed);
        (before < self.0.most).then_some(slot)
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
    }
}
