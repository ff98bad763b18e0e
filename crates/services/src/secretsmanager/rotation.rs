//! Rotation: what is configured, when it is due, and the runs that change a secret.
//!
//! Rules (behaviour reference §6):
//! - a run makes a version without a value that carries `AWSPENDING`, and calls the function four
//!   times; the function moves the labels, nothing here does (`progress.rs`);
//! - a run succeeds when `AWSCURRENT` is on its version and `AWSPENDING` there or nowhere;
//! - a step that fails is tried again with the same version from the first step on, until there were
//!   enough attempts or the window is over; `AWSCURRENT` is left alone;
//! - a value put in by hand takes the place of a rotation: it abandons the one under way, and the
//!   schedule counts from it (`changes.rs`);
//! - every change of a run that AWS tells of is one transaction with its event (`events.rs`).

mod calls;
pub(crate) mod changes;
pub(crate) mod check;
mod cron;
pub(crate) mod events;
pub(crate) mod progress;
pub(crate) mod record;
pub(crate) mod requests;
mod review;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod seats;
pub(crate) mod settings;
pub(crate) mod shown;
mod steps;
pub(crate) mod turns;

use self::schedule::{MOST_DAYS, Origin, Rules, Schedule, Window};
use aws_lc_rs::digest::{SHA256, digest};
use base::Timestamp;
use serde::{Deserialize, Serialize};

/// What a secret knows of its rotation. Kept after `CancelRotateSecret`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rotation {
    pub(crate) enabled: bool,
    /// The ARN of the function.
    pub(crate) function: String,
    pub(crate) rules: Option<Rules>,
    pub(crate) origin: Origin,
    /// The end of the last rotation that succeeded.
    pub(crate) last_rotated: Option<Timestamp>,
    /// The window in which it is due. `None` without rules, and when it is not enabled.
    pub(crate) next: Option<Window>,
}

impl Rotation {
    /// What its rules mean. `None` without rules.
    pub(crate) fn schedule(&self) -> Option<Schedule> {
        // Rules are read before they are stored.
        Schedule::of(self.rules.as_ref()?).ok()
    }

    /// Ends its schedule. What was configured is kept. Gives whether it was enabled.
    pub(crate) fn disable(&mut self) -> bool {
        self.next = None;
        std::mem::replace(&mut self.enabled, false)
    }

    /// Counts from `now`: the secret was rotated, or changed by hand.
    pub(crate) fn count_from(&mut self, now: Timestamp) {
        self.origin.counted_from = now;
        self.look_ahead(now);
    }

    /// Finds the next window anew.
    pub(crate) fn look_ahead(&mut self, now: Timestamp) {
        let window = self
            .schedule()
            .and_then(|schedule| schedule.window(self.origin, now));
        self.next = window.filter(|_| self.enabled);
    }

    /// Makes it overdue at `now`, so that the next window is the nearest one.
    pub(crate) fn make_due(&mut self, now: Timestamp) {
        self.origin.counted_from = long_ago(now);
        self.look_ahead(now);
    }

    /// The window to rotate in that ends after `now` and after `not_before`, the end of one in which
    /// it failed.
    ///
    /// INVARIANT: a clock that was ahead when something was stored puts no window off: what it counted
    /// from lies in the future now and counts for nothing, so that the nearest window is the next.
    pub(crate) fn window_at(
        &self,
        now: Timestamp,
        not_before: Option<Timestamp>,
    ) -> Option<Window> {
        let next = self.next?;
        let not_before = not_before.filter(|end| *end <= now.plus_days(LONGEST_WINDOW_DAYS));
        let ended = not_before.map_or(now, |moment| moment.max(now));
        let mut origin = self.origin;
        if origin.counted_from > now.plus_days(1) {
            origin.counted_from = long_ago(now);
        }
        let found = self.schedule()?.window(origin, ended)?;
        let is_next = ended < next.closes && next.opens <= found.opens;
        Some(if is_next { next } else { found })
    }
}

/// A moment from which every schedule has come to its end at `now`.
fn long_ago(now: Timestamp) -> Timestamp {
    now.plus_days(-MOST_DAYS)
}

/// No window is longer: `Duration` has two digits of hours at most.
const LONGEST_WINDOW_DAYS: i64 = 5;
/// The moment of `window` at which the secret `arn` is rotated: another one for every secret and
/// window, and always the same.
pub(crate) fn moment(arn: &str, window: Window) -> Timestamp {
    let opens = window.opens.as_millis().to_be_bytes();
    let hash = digest(&SHA256, &[arn.as_bytes(), &opens].concat());
    let first = hash.as_ref().first_chunk::<8>();
    window.moment(first.map_or(0, |bytes| u64::from_be_bytes(*bytes)))
}

#[cfg(test)]
pub(crate) mod tests;
