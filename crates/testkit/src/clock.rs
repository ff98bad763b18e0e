use base::{Clock, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that a test moves.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// A clock that shows `moment` until it is moved.
    pub fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.as_millis()))
    }

    /// Moves the clock by `millis`.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Moves the clock by `seconds`.
    pub fn advance_seconds(&self, seconds: i64) {
        self.advance_millis(seconds * 1_000);
    }

    /// Moves the clock by `days`.
    pub fn advance_days(&self, days: i64) {
        self.advance_seconds(days * 86_400);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
