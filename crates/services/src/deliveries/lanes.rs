//! Who gets the next turn.

use base::AccountId;
use parking_lot::Mutex;
use std::collections::HashMap;

/// The lanes that are worked on in this process, and the one that had its turn last.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<State>);

/// An account, and one of its endpoints.
pub(crate) type Lane = (AccountId, String);

#[derive(Default)]
struct State {
    last: Option<Lane>,
    busy: HashMap<Lane, usize>,
    of_accounts: HashMap<AccountId, usize>,
    functions: usize,
}

/// Leave to deliver one message. The seat is free again when it is dropped.
pub(crate) struct Seat<'a> {
    lanes: &'a Lanes,
    lane: Lane,
    is_function: bool,
}

impl Lanes {
    /// The lane whose turn was last, which the next turn comes after.
    pub(super) fn last(&self) -> Option<Lane> {
        self.0.lock().last.clone()
    }

    /// Notes whose turn it was.
    pub(super) fn passed(&self, lane: Option<Lane>) {
        self.0.lock().last = lane;
    }

    /// A seat in `lane`, if one is free in it and for its account. Functions, which may take long, get
    /// no more than half of all.
    pub(super) fn seat(&self, lane: &Lane, is_function: bool) -> Option<Seat<'_>> {
        let mut state = self.0.lock();
        let in_lane = state.busy.get(lane).copied().unwrap_or_default();
        let of_account = state.of_accounts.get(&lane.0).copied().unwrap_or_default();
        let functions = state.functions + usize::from(is_function);
        if in_lane >= IN_A_LANE || of_account >= OF_AN_ACCOUNT || functions > MOST_FUNCTIONS {
            return None;
        }
        state.busy.insert(lane.clone(), in_lane + 1);
        state.of_accounts.insert(lane.0.clone(), of_account + 1);
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
        let mut state = self.lanes.0.lock();
        state.functions -= usize::from(self.is_function);
        if let Some(busy) = state.busy.get_mut(&self.lane) {
            *busy -= 1;
            if *busy == 0 {
                state.busy.remove(&self.lane);
            }
        }
        if let Some(busy) = state.of_accounts.get_mut(&self.lane.0) {
            *busy -= 1;
            if *busy == 0 {
                state.of_accounts.remove(&self.lane.0);
            }
        }
    }
}

/// Messages to one endpoint under way at once.
const IN_A_LANE: usize = 2;
/// Messages of one account under way at once.
const OF_AN_ACCOUNT: usize = 8;
/// Functions of all accounts under way at once.
const MOST_FUNCTIONS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(account: &str, name: &str) -> Lane {
        (AccountId::parse(account).unwrap(), name.to_owned())
    }

    #[test]
    fn neither_an_endpoint_nor_an_account_takes_every_seat() {
        let lanes = Lanes::default();
        let mine = |name: &str| lane("111111111111", name);

        let same: Vec<_> = (0..3).map(|_| lanes.seat(&mine("a"), false)).collect();
        let names: Vec<String> = (0..8).map(|n| n.to_string()).collect();
        let more: Vec<_> = names
            .iter()
            .map(|name| lanes.seat(&mine(name), false))
            .collect();
        let other = lanes.seat(&lane("222222222222", "a"), false);

        let taken = |seats: &[Option<Seat<'_>>]| seats.iter().flatten().count();
        assert_eq!((taken(&same), taken(&more)), (2, 6));
        assert!(other.is_some());
        drop((same, more, other));
        assert!(lanes.0.lock().busy.is_empty());
        assert!(lanes.0.lock().of_accounts.is_empty());
    }

    #[test]
    fn functions_leave_seats_for_other_endpoints() {
        let lanes = Lanes::default();
        let accounts: Vec<Lane> = (0..6)
            .map(|n| lane(&format!("11111111111{n}"), "f"))
            .collect();

        let functions: Vec<_> = accounts
            .iter()
            .chain(&accounts)
            .map(|lane| lanes.seat(lane, true))
            .collect();
        let url = lanes.seat(&lane("222222222222", "u"), false);

        assert_eq!(functions.iter().flatten().count(), MOST_FUNCTIONS);
        assert!(url.is_some());
        drop(functions);
        assert_eq!(lanes.0.lock().functions, 0);
    }
}
