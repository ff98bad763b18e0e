use super::*;
use proptest::prelude::*;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

fn account(n: usize) -> AccountId {
    AccountId::parse(&format!("{n:012}")).unwrap()
}

/// As many as `account` gets.
fn all<'a>(seats: &'a Seats, account: &AccountId) -> Vec<Seat<'a>> {
    std::iter::from_fn(|| seats.take(account)).collect()
}

/// Whether a worker that waits now is called.
fn is_called(seats: &Seats) -> bool {
    let nudged = pin!(seats.nudged());
    let mut context = Context::from_waker(Waker::noop());
    nudged.poll(&mut context).is_ready()
}

#[test]
fn each_account_gets_half_of_what_is_free_and_at_least_one() {
    for (workers, expected) in [
        (16, vec![8, 4, 2, 1, 1, 0]),
        (8, vec![4, 2, 1, 1, 0]),
        (3, vec![2, 1, 0]),
        (2, vec![1, 1, 0]),
        (1, vec![1, 0]),
        (0, vec![0]),
    ] {
        let seats = Seats::new(workers);

        let held: Vec<_> = (0..expected.len())
            .map(|n| all(&seats, &account(n)))
            .collect();

        let counts: Vec<usize> = held.iter().map(Vec::len).collect();
        assert_eq!(counts, expected, "of {workers}");
    }
}

#[test]
fn all_seats_come_back() {
    let seats = Seats::new(16);

    let held: Vec<_> = (0..6).map(|n| all(&seats, &account(n))).collect();
    drop(held);

    assert_eq!(all(&seats, &account(7)).len(), 8);
    assert!(seats.state.lock().held.is_empty());
    assert_eq!(seats.state.lock().free, 16);
}

#[test]
fn who_was_refused_a_seat_is_called_once_when_one_comes_back() {
    let seats = Seats::new(4);
    let mut held: Vec<_> = [1, 1].map(|n| seats.take(&account(n)).unwrap()).into();

    // Nobody missed it.
    held.pop();
    assert!(!is_called(&seats));
    held.extend(all(&seats, &account(1)));
    assert!(!is_called(&seats));
    held.pop();

    assert!(is_called(&seats));
    assert!(!is_called(&seats));
    held.pop();
    assert!(!is_called(&seats));
}

proptest! {
    /// The twin is a list of who holds a seat.
    #[test]
    fn seats_are_given_as_by_a_list(
        workers in 0_u16..20,
        moves in prop::collection::vec((0_usize..5, any::<bool>(), any::<prop::sample::Index>()), 0..200),
    ) {
        let seats = Seats::new(workers);
        let mut held: Vec<(usize, Seat<'_>)> = Vec::new();

        for (who, is_taking, which) in moves {
            if is_taking {
                let own = held.iter().filter(|(holder, _)| *holder == who).count();
                let free = usize::from(workers) - held.len();
                let taken = seats.take(&account(who));
                prop_assert_eq!(taken.is_some(), own < free);
                held.extend(taken.map(|seat| (who, seat)));
            } else if !held.is_empty() {
                held.swap_remove(which.index(held.len()));
            }
        }

        prop_assert_eq!(seats.state.lock().free, usize::from(workers) - held.len());
    }
}
