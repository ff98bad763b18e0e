//! A fetched key set, remembered for as long as its issuer allows.

use super::fetch::{Fetch, Fetched};
use crate::error::chain;
use base::{Clock, Timestamp};
use parking_lot::Mutex;
use std::sync::Arc;

/// The key set of one issuer.
pub(super) struct Remembered {
    fetch: Fetch,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held over a fetch: one at a time.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    failed: Option<Failed>,
    /// How many fetches have ended.
    fetches: u64,
}

struct Kept {
    set: Arc<[u8]>,
    at: Timestamp,
    fresh_until: Timestamp,
}

struct Failed {
    at: Timestamp,
    reason: String,
}

impl Remembered {
    pub(super) fn new(fetch: Fetch, clock: Arc<dyn Clock>) -> Self {
        Self {
            fetch,
            clock,
            state: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    /// The set, fetched when it must be.
    pub(super) async fn key_set(&self, issuer: &str, fresh: bool) -> Result<Arc<[u8]>, String> {
        let seen = {
            let state = self.state.lock();
            if let (false, Some(set)) = (fresh, state.fresh(self.clock.now())) {
                return Ok(set);
            }
            state.fetches
        };
        let _alone = self.fetching.lock().await;
        let now = self.clock.now();
        {
            let state = self.state.lock();
            // Who waited for a fetch that began before is content with what it brought.
            if state.fetches != seen || state.has_just_failed(now) {
                return state.outcome(now);
            }
        }
        let fetched = self.fetch.run().await;
        let now = self.clock.now();
        let mut state = self.state.lock();
        state.fetches = state.fetches.wrapping_add(1);
        match fetched {
            Ok(fetched) => state.keep(fetched, now),
            Err(error) => {
                let reason = chain(&error);
                let stale = state.usable(now).is_some();
                tracing::warn!(issuer, reason, stale, "cannot fetch an issuer's keys");
                state.failed = Some(Failed { at: now, reason });
            }
        }
        state.outcome(now)
    }
}

impl State {
    fn keep(&mut self, fetched: Fetched, now: Timestamp) {
        let seconds = fetched.max_age_seconds.unwrap_or(USUAL_AGE_SECONDS);
        let seconds = seconds.clamp(LEAST_AGE_SECONDS, MOST_AGE_SECONDS);
        // The same allocation for the same content, so that it is parsed once.
        let set = match self.kept.take() {
            Some(kept) if *kept.set == *fetched.content => kept.set,
            _ => fetched.content,
        };
        self.failed = None;
        self.kept = Some(Kept {
            set,
            at: now,
            fresh_until: now.plus_seconds(seconds),
        });
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<[u8]>> {
        let kept = self.kept.as_ref()?;
        // A clock that was set back must not keep a set for ever.
        let fresh = (kept.at..kept.fresh_until).contains(&now);
        fresh.then(|| Arc::clone(&kept.set))
    }

    /// The set, if it may serve while its issuer cannot be reached.
    fn usable(&self, now: Timestamp) -> Option<Arc<[u8]>> {
        let kept = self.kept.as_ref()?;
        let last = kept.at.plus_seconds(MOST_AGE_SECONDS);
        (now < last.max(kept.fresh_until)).then(|| Arc::clone(&kept.set))
    }

    fn has_just_failed(&self, now: Timestamp) -> bool {
        self.failed
            .as_ref()
            .is_some_and(|failed| (failed.at..failed.at.plus_seconds(PAUSE_SECONDS)).contains(&now))
    }

    fn outcome(&self, now: Timestamp) -> Result<Arc<[u8]>, String> {
        let reason = || {
            let failed = self.failed.as_ref();
            failed.map_or_else(String::new, |failed| failed.reason.clone())
        };
        self.usable(now).ok_or_else(reason)
    }
}

/// For how long a set is remembered when its issuer says nothing.
const USUAL_AGE_SECONDS: i64 = 600;
const LEAST_AGE_SECONDS: i64 = 60;
/// The longest that an issuer may ask for, and for how long a set serves while its issuer cannot be
/// reached.
const MOST_AGE_SECONDS: i64 = 86_400;
/// For how long an issuer that failed is left alone.
const PAUSE_SECONDS: i64 = 30;
