//! Who gets the next turn.
//!
//! Rules kept here, of so many workers:
//! - an account has a quarter of them, so that one alone never has all;
//! - functions, which may take long, have half of them, and those of one account an eighth, so that neither
//!   they nor an account of slow ones keep what is quick waiting;
//! - a lane that says how many messages it takes in a second gets the next when its time has come. How many
//!   is known from its first message on, which goes alone.

use base::{AccountId, Timestamp};
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
    paces: HashMap<Lane, Pace>,
}

/// How quickly messages may follow each other.
#[derive(Clone, Copy)]
struct Pace {
    millis: i64,
    next: Timestamp,
}

/// What kind of seat is asked for.
#[derive(Clone, Copy)]
pub(super) enum Sort {
    Usual,
    Function,
    /// At this moment, in a lane that says how quickly messages may follow each other.
    Paced(Timestamp),
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

    /// Notes how many messages `lane` takes in a second, one of which leaves at `now`.
    pub(super) fn pace(&self, lane: &Lane, per_second: u32, now: Timestamp) {
        let millis = i64::from(1_000_u32.div_ceil(per_second.max(1)));
        let next = now.plus_millis(millis);
        let mut state = self.state.lock();
        if state.paces.len() >= MOST_PACES {
            state.paces.retain(|_, pace| pace.is_early(now));
        }
        state.paces.insert(lane.clone(), Pace { millis, next });
    }

    /// A seat in `lane`, if one is free in it and for its account, and it is not too early for it.
    pub(super) fn seat(&self, lane: &Lane, sort: Sort) -> Option<Seat<'_>> {
        let is_function = matches!(sort, Sort::Function);
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
        if is_taken || !state.is_time(lane, sort, in_lane) {
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

impl State {
    /// Whether the next message of a lane may leave, which is then noted.
    fn is_time(&mut self, lane: &Lane, sort: Sort, in_lane: usize) -> bool {
        let Sort::Paced(now) = sort else {
            return true;
        };
        match self.paces.get_mut(lane) {
            Some(pace) if pace.is_early(now) => false,
            Some(pace) => {
                pace.next = now.plus_millis(pace.millis);
                true
            }
            None => in_lane == 1,
        }
    }
}

impl Pace {
    /// A time that is further away than it could be was told by a clock that was ahead.
    fn is_early(&self, now: Timestamp) -> bool {
        now < self.next && self.next <= now.plus_millis(self.millis)
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
/// Those whose time has come are forgotten when there are so many.
const MOST_PACES: usize = 10_000;

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

            let same: Vec<_> = (0..3)
                .map(|_| lanes.seat(&lane(1, 0), Sort::Usual))
                .collect();
            let more: Vec<_> = (1..20)
                .map(|n| lanes.seat(&lane(1, n), Sort::Usual))
                .collect();
            let other: Vec<_> = (0..expected.2)
                .map(|_| lanes.seat(&lane(2, 0), Sort::Usual))
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

            let first: Vec<_> = (0..20)
                .map(|n| lanes.seat(&lane(1, n), Sort::Function))
                .collect();
            let own_url = lanes.seat(&lane(1, 99), Sort::Usual);
            let others: Vec<_> = (2..60)
                .map(|account| lanes.seat(&lane(account, 0), Sort::Function))
                .collect();
            let url = lanes.seat(&lane(100, 0), Sort::Usual);

            assert_eq!(
                (taken(&first), taken(&first) + taken(&others)),
                (of_one, of_all)
            );
            assert_eq!((own_url.is_some(), url.is_some()), (workers > 4, true));
            drop((first, own_url, others, url));
            assert_eq!(lanes.state.lock().functions, 0);
        }
    }

    #[test]
    fn a_lane_that_says_how_quickly_is_not_hurried() {
        let lanes = Lanes::new(64);
        let at = Timestamp::from_millis;
        let (paced, other) = (lane(1, 0), lane(1, 1));
        let is_free = |millis| lanes.seat(&paced, Sort::Paced(at(millis))).is_some();

        let first = lanes.seat(&paced, Sort::Paced(at(0)));
        let before_it_is_known = is_free(0);
        lanes.pace(&paced, 3, at(100));
        let while_one_is_away = [433, 434, 435].map(is_free);
        drop(first);
        let later = [767, 768, 5_000].map(is_free);
        let of_another = lanes.seat(&other, Sort::Paced(at(5_000))).is_some();
        let by_a_clock_that_was_put_back = is_free(1_000);

        assert!(!before_it_is_known);
        assert_eq!(while_one_is_away, [false, true, false]);
        assert_eq!(later, [false, true, true]);
        assert!(of_another && by_a_clock_that_was_put_back);
    }

    #[test]
    fn lanes_whose_time_has_come_are_forgotten() {
        let lanes = Lanes::new(64);
        let at = Timestamp::from_millis;
        for n in 0..MOST_PACES {
            lanes.pace(&lane(1, n), 1, at(0));
        }

        lanes.pace(&lane(2, 0), 1, at(5_000));

        assert_eq!(lanes.state.lock().paces.len(), 1);
    }
}
