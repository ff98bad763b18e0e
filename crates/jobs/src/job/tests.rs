use super::*;
use proptest::prelude::*;

const LEASE: i64 = 1_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn due(millis: i64) -> Job {
    Job::due_at(Some(at(millis)))
}

#[test]
fn what_is_not_due_cannot_be_claimed() {
    assert_eq!(due(5).claim("a", at(4), LEASE), None);
    assert_eq!(Job::default().claim("a", at(4), LEASE), None);
    assert!(due(5).claim("a", at(5), LEASE).is_some());
}

#[test]
fn what_is_held_cannot_be_claimed_until_its_lease_ends() {
    let mut job = due(0);
    let first = job.claim("a", at(0), LEASE).unwrap();

    assert_eq!(job.claim("b", at(999), LEASE), None);
    assert_eq!((job.owner(), job.next_look()), (Some("a"), Some(at(1_000))));
    let second = job.claim("b", at(1_000), LEASE).unwrap();

    assert!(second.fence() > first.fence());
    assert_eq!(job.check(&first), Err(Lost));
    assert_eq!(job.renew(&first, at(1_000), LEASE), Err(Lost));
    assert_eq!(job.finish(&first, None), Err(Lost));
    assert_eq!(job.retry(&first, at(5)), Err(Lost));
    assert_eq!(job.check(&second), Ok(()));
}

#[test]
fn a_claim_that_nobody_took_over_is_good_after_its_lease() {
    let mut job = due(0);
    let claim = job.claim("a", at(0), LEASE).unwrap();

    assert_eq!(job.renew(&claim, at(5_000), LEASE), Ok(()));
    assert_eq!(job.next_look(), Some(at(6_000)));
}

#[test]
fn a_lease_of_a_clock_that_was_ahead_ends_with_one_that_begins_now() {
    let mut job = due(0);
    let claim = job.claim("a", at(900_000), LEASE).unwrap();

    assert!(job.shorten(at(5), LEASE));
    assert!(!job.shorten(at(5), LEASE));

    assert_eq!((job.owner(), job.next_look()), (Some("a"), Some(at(1_005))));
    assert!(job.is_held(at(1_004)) && !job.is_held(at(1_005)));
    assert_eq!(job.check(&claim), Ok(()), "its holder may be alive");
    assert!(job.claim("b", at(1_005), LEASE).is_some());
}

#[test]
fn a_lease_that_can_be_and_what_nobody_holds_is_not_shortened() {
    let mut job = due(90_000);
    assert!(!job.shorten(at(0), LEASE));
    assert_eq!(job.due(), Some(at(90_000)));
    assert!(!job.is_held(at(0)));

    job.claim("a", at(90_000), LEASE).unwrap();
    assert!(!job.shorten(at(90_000), LEASE));
    assert!(!job.shorten(at(90_500), LEASE));
    assert_eq!(job.next_look(), Some(at(91_000)));
}

#[test]
fn a_claim_is_good_for_one_end() {
    let mut job = due(0);
    let claim = job.claim("a", at(0), LEASE).unwrap();

    assert_eq!(job.finish(&claim, None), Ok(()));
    assert_eq!(job.finish(&claim, Some(at(1))), Err(Lost));
    assert_eq!((job.next_look(), job.owner()), (None, None));
}

#[test]
fn failures_are_counted_until_the_work_goes_well() {
    let mut job = due(0);
    for failures in 1..=3 {
        let claim = job.claim("a", at(failures * 10), LEASE).unwrap();
        job.retry(&claim, at(failures * 10 + 10)).unwrap();
        assert_eq!(i64::from(job.failures()), failures);
    }

    let claim = job.claim("a", at(40), LEASE).unwrap();
    job.finish(&claim, Some(at(90))).unwrap();

    assert_eq!((job.failures(), job.due()), (0, Some(at(90))));
}

#[test]
fn a_nudge_while_it_is_held_counts_when_it_is_given_back() {
    let mut job = due(0);
    let claim = job.claim("a", at(0), LEASE).unwrap();

    job.nudge(at(3));
    assert_eq!(job.next_look(), Some(at(1_000)));
    job.finish(&claim, Some(at(90))).unwrap();

    assert_eq!(job.next_look(), Some(at(3)));
}

#[test]
fn what_the_holder_took_notice_of_is_not_due_for_that() {
    let mut job = due(0);
    let claim = job.claim("a", at(0), LEASE).unwrap();
    job.nudge(at(3));

    job.heed(&claim).unwrap();
    job.finish(&claim, Some(at(90))).unwrap();

    assert_eq!(job.next_look(), Some(at(90)));
    assert_eq!(job.heed(&claim), Err(Lost));
}

#[test]
fn a_nudge_never_puts_work_off() {
    let mut job = due(3);
    job.nudge(at(9));
    assert_eq!(job.due(), Some(at(3)));

    job.reschedule(Some(at(20)));
    assert_eq!(job.due(), Some(at(20)));
}

/// What several workers do in turn.
#[derive(Clone, Debug)]
enum Act {
    Claim(usize),
    Renew(usize),
    Finish(usize, Option<i64>),
    Retry(usize, i64),
    Nudge,
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let worker = 0_usize..3;
    prop_oneof![
        worker.clone().prop_map(Act::Claim),
        worker.clone().prop_map(Act::Renew),
        (worker.clone(), prop::option::of(0_i64..3_000)).prop_map(|(w, d)| Act::Finish(w, d)),
        (worker, 0_i64..3_000).prop_map(|(w, d)| Act::Retry(w, d)),
        Just(Act::Nudge),
        (0_i64..1_500).prop_map(Act::Wait),
    ]
}

proptest! {
    /// The simpler twin: who was last to claim is the one who may store, until it gives back.
    #[test]
    fn at_any_time_at_most_the_last_to_claim_may_store(
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut job = due(0);
        let mut claims: [Option<Claim>; 3] = [None, None, None];
        let (mut holder, mut until, mut now) = (None, 0, 0);
        let mut wanted = true;

        for act in acts {
            match act {
                Act::Claim(w) => {
                    let before = job.next_look();
                    let claim = job.claim("w", at(now), LEASE);
                    prop_assert_eq!(claim.is_some(), before.is_some_and(|look| look <= at(now)));
                    prop_assert!(claim.is_none() || holder.is_none() || until <= now);
                    if claim.is_some() {
                        (holder, until, wanted) = (Some(w), now + LEASE, false);
                        claims[w] = claim;
                    }
                }
                Act::Renew(w) => {
                    if let Some(claim) = &claims[w] {
                        let renewed = job.renew(claim, at(now), LEASE).is_ok();
                        prop_assert_eq!(renewed, holder == Some(w));
                        if renewed { until = now + LEASE; }
                    }
                }
                Act::Finish(w, next) => {
                    if let Some(claim) = &claims[w] {
                        let ended = job.finish(claim, next.map(|d| at(now + d))).is_ok();
                        prop_assert_eq!(ended, holder == Some(w));
                        if ended { holder = None; wanted |= next.is_some(); }
                    }
                }
                Act::Retry(w, delay) => {
                    if let Some(claim) = &claims[w] {
                        let ended = job.retry(claim, at(now + delay)).is_ok();
                        prop_assert_eq!(ended, holder == Some(w));
                        if ended { holder = None; wanted = true; }
                    }
                }
                Act::Nudge => { job.nudge(at(now)); wanted = true; }
                Act::Wait(millis) => now += millis,
            }
            // Work that is wanted or under way is always found again.
            prop_assert_eq!(job.next_look().is_some(), wanted || holder.is_some());
        }
    }
}
