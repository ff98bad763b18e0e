//! Who gets the next turn.
//!
//! Rules kept here, of so many workers:
//! - an account has a quarter of them, so that one alone never has all;
//! - functions, which may take long, have half of them, and those of one account an eighth, so that neither
//!   they nor an account of slow ones keep what is quick waiting.

use base::AccountId;
use parking_lot::Mutex;
use std::collections::HashMap;

/// The lanes that are worked on in this process, and the one that had its turn last.
pub(crate) struct Lanes {
    shares: Shares,
    state: Mutex<State>,
}

/// How many messages are under way at once.
#[derive(Clone, Copy)]
struct Shares {
    of_account: usize,
    functions: usize,
    functions_of_account: usize,
}

/// An account, and one of its endpoints.
pub(crate) type Lane = (AccountId, String);

#[derive(Default)]
struct State {
    last: Option<Lane>,
    busy: HashMap<Lane, usize>,
    of_accounts: HashMap<AccountId, Busy>,
    functions: usize,
}

#[derive(Clone, Copy, Default)]
struct Busy {
    all: usize,
    functions: usize,
}

/// Leave to deliver one message. The seat is free again when it is dropped.
pub(crate) struct Seat<'a> {
    lanes: &'a Lanes,
    lane: Lane,
    is_function: bool,
}

impl Lanes {
    /// Those of as many workers.
    pub(crate) fn new(workers: u16) -> Self {
        let share = |part: u16| usize::from(workers / part).max(1);
        Self {
            shares: Shares {
                of_account: share(4),
                functions: share(2),
                functions_of_account: share(8),
            },
            state: Mutex::default(),
        }
    }

    /// The lane whose turn was last, which the next turn comes after.
    pub(super) fn last(&self) -> Option<Lane> {
        self.state.lock().last.clone()
    }

    /// Notes whose turn it was.
    pub(super) fn passed(&self, lane: Option<Lane>) {
        self.state.lock().last = lane;
    }

    /// A seat in `lane`, if one is free in it and for its account.
    pub(super) fn seat(&self, lane: &Lane, is_function: bool) -> Option<Seat<'_>> {
        let mut state = self.state.lock();
        let in_lane = state.busy.get(lane).copied().unwrap_or_default() + 1;
        let mut of_account = state.of_accounts.get(&lane.0).copied().unwrap_or_default();
        of_account.all += 1;
        of_account.functions += usize::from(is_function);
        let functions = state.functions + usize::from(is_function);
        let shares = self.shares;
        let is_taken = in_lane > IN_A_LANE
            || of_account.all > shares.of_account
            || of_account.functions > shares.functions_of_account
            || functions > shares.functions;
        if is_taken {
            return None;
        }
        state.busy.insert(lane.clone(), in_lane);
        state.of_accounts.insert(lane.0.clone(), of_account);
        state.functions = functions;
        Some(Seat {
            lanes: self,
            lane: lane.clone(),
            is_function,
        })
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut state = self.lanes.state.lock();
        let functions = usize::from(self.is_function);
        state.functions -= functions;
        if let Some(busy) = state.busy.get_mut(&self.lane) {
            *busy -= 1;
            if *busy == 0 {
                state.busy.remove(&self.lane);
            }
        }
        if let Some(busy) = state.of_accounts.get_mut(&self.lane.0) {
            busy.all -= 1;
            busy.functions -= functions;
            if busy.all == 0 {
                state.of_accounts.remove(&self.lane.0);
            }
        }
    }
}

/// Messages to one endpoint under way at once.
const IN_A_LANE: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(account: u64, name: usize) -> Lane {
        let account = AccountId::parse(&format!("{account:012}")).unwrap();
        (account, name.to_string())
    }

    fn taken(seats: &[Option<Seat<'_>>]) -> usize {
        seats.iter().flatten().count()
    }

    #[test]
    fn neither_an_endpoint_nor_an_account_takes_every_seat() {
        for (workers, expected) in [(4, (1, 0, 1)), (16, (2, 2, 1)), (64, (2, 14, 2))] {
            let lanes = Lanes::new(workers);

            let same: Vec<_> = (0..3).map(|_| lanes.seat(&lane(1, 0), false)).collect();
            let more: Vec<_> = (1..20).map(|n| lanes.seat(&lane(1, n), false)).collect();
            let other: Vec<_> = (0..expected.2)
                .map(|_| lanes.seat(&lane(2, 0), false))
                .collect();

            assert_eq!((taken(&same), taken(&more), taken(&other)), expected);
            drop((same, more, other));
            assert!(lanes.state.lock().busy.is_empty());
            assert!(lanes.state.lock().of_accounts.is_empty());
        }
    }

    #[test]
    fn functions_leave_seats_for_other_endpoints() {
        for (workers, of_one, of_all) in [(4, 1, 2), (16, 2, 8), (64, 8, 32)] {
            let lanes = Lanes::new(workers);

            let first: Vec<_> = (0..20).map(|n| lanes.seat(&lane(1, n), true)).collect();
            let own_url = lanes.seat(&lane(1, 99), false);
            let others: Vec<_> = (2..60)
                .map(|account| lanes.seat(&lane(account, 0), true))
                .collect();
            let url = lanes.seat(&lane(100, 0), false);

            assert_eq!(
                (taken(&first), taken(&first) + taken(&others)),
                (of_one, of_all)
            );
            assert_eq!((own_url.is_some(), url.is_some()), (workers > 4, true));
            drop((first, own_url, others, url));
            assert_eq!(lanes.state.lock().functions, 0);
        }
    }
}
