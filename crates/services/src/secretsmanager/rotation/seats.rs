//! How the workers of a node are shared between accounts.
//!
//! Rules:
//! - a worker needs a seat to rotate a secret, and there are as many seats as workers;
//! - an account gets another seat only while it holds fewer than are free: the dynamic threshold of
//!   Choudhury and Hahne. One account alone gets half of them, a second one half of the rest, and each
//!   gets one as long as one is free;
//! - who was refused a seat is called when one comes back.
//!
//! INVARIANT: a [`Seat`] comes back when it is dropped, however the work ended.

use base::{AccountId, Timestamp};
use parking_lot::Mutex;
use std::collections::HashMap;
use tokio::sync::Notify;

/// The seats of this node.
pub(crate) struct Seats {
    state: Mutex<State>,
    bell: Notify,
}

struct State {
    free: usize,
    /// Accounts that hold none are not in it.
    held: HashMap<AccountId, usize>,
    /// Somebody was refused one since the last came back.
    is_missed: bool,
    /// The account up to which the others were looked for.
    place: Option<AccountId>,
    /// When it was looked for what a clock left that was ahead.
    reviewed: Option<Timestamp>,
}

/// Leave for one worker to rotate a secret of one account.
pub(super) struct Seat<'a> {
    seats: &'a Seats,
    account: AccountId,
}

impl Seats {
    /// All of them free.
    pub(crate) fn new(workers: u16) -> Self {
        Self {
            state: Mutex::new(State {
                free: workers.into(),
                held: HashMap::new(),
                is_missed: false,
                place: None,
                reviewed: None,
            }),
            bell: Notify::new(),
        }
    }

    /// One more for `account`, unless it has enough.
    pub(super) fn take(&self, account: &AccountId) -> Option<Seat<'_>> {
        let mut state = self.state.lock();
        let held = state.held.get(account).copied().unwrap_or_default();
        if held >= state.free {
            state.is_missed = true;
            return None;
        }
        state.free = state.free.saturating_sub(1);
        state.held.insert(account.clone(), held.saturating_add(1));
        Some(Seat {
            seats: self,
            account: account.clone(),
        })
    }

    /// Has a worker look for rotations now.
    pub(crate) fn nudge(&self) {
        self.bell.notify_one();
    }

    /// Resolves when a rotation came up that is to begin at once, or a seat came back that somebody
    /// missed. One call hears of one; what nobody waits for is told to the next who does.
    pub(crate) async fn nudged(&self) {
        self.bell.notified().await;
    }

    /// Whether it is time to look for what a clock left that was ahead: then it is the caller's to do.
    pub(super) fn begin_review(&self, now: Timestamp) -> bool {
        let mut state = self.state.lock();
        let is_recent = |at: Timestamp| at <= now && now < at.plus_millis(REVIEW_PERIOD);
        if state.reviewed.is_some_and(is_recent) {
            return false;
        }
        state.reviewed = Some(now);
        true
    }

    /// Has the next who asks do it.
    pub(super) fn repeat_review(&self) {
        self.state.lock().reviewed = None;
    }

    /// The account up to which the others were looked for. `None`: from the first on.
    pub(super) fn place(&self) -> Option<AccountId> {
        self.state.lock().place.clone()
    }

    /// Notes it.
    pub(super) fn set_place(&self, place: Option<AccountId>) {
        self.state.lock().place = place;
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut state = self.seats.state.lock();
        state.free = state.free.saturating_add(1);
        if let Some(held) = state.held.get_mut(&self.account) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                state.held.remove(&self.account);
            }
        }
        if std::mem::take(&mut state.is_missed) {
            drop(state);
            self.seats.nudge();
        }
    }
}

/// An hour.
const REVIEW_PERIOD: i64 = 3_600_000;

#[cfg(test)]
mod tests;
