//! How often a message is tried, and how long.

use base::{Entropy, Timestamp};
use jobs::Backoff;
use serde::{Deserialize, Serialize};

/// How long it is worth trying.
///
/// COMPAT: for URLs about SNS's phases, three attempts without much delay, then up to twenty seconds
/// apart for an hour; mail servers ask for more time. What rules send is tried for as long as their
/// retry policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Patience {
    /// A URL or a function of a subscription.
    Subscription,
    /// A mail.
    Mail,
    /// A target of a rule: attempts after the first, and seconds in all.
    Rule { retries: u32, seconds: u32 },
}

impl Patience {
    /// When a message that was made at `made` and has failed `failures` times is tried again: not before
    /// `earliest`, which the other side asks for. `None`: it is given up.
    pub(crate) fn next(
        self,
        failures: u32,
        made: Timestamp,
        (now, earliest): (Timestamp, Timestamp),
        entropy: &dyn Entropy,
    ) -> Option<Timestamp> {
        let (most_failures, seconds, backoff) = match self {
            Self::Subscription => (MOST_OF_SUBSCRIPTIONS, HOUR, SOON),
            Self::Mail => (u32::MAX, 6 * HOUR, LATER),
            Self::Rule { retries, seconds } => (retries, i64::from(seconds), LATER),
        };
        let next = match failures {
            0..=2 => now.plus_millis(QUICK_MILLIS),
            more => now.plus_millis(backoff.after(more - 2, entropy)),
        };
        let next = next.max(earliest);
        let is_worth_it = failures <= most_failures && next < made.plus_seconds(seconds);
        is_worth_it.then_some(next)
    }
}

const HOUR: i64 = 3_600;
const QUICK_MILLIS: i64 = 500;
/// Attempts after the first, of which the hour leaves room for more.
const MOST_OF_SUBSCRIPTIONS: u32 = 400;
const SOON: Backoff = Backoff {
    first_millis: 1_000,
    most_millis: 20_000,
};
const LATER: Backoff = Backoff {
    first_millis: 5_000,
    most_millis: 600_000,
};

#[cfg(test)]
mod tests {
    use super::*;

    struct NoChance;

    impl Entropy for NoChance {
        fn fill(&self, buf: &mut [u8]) {
            buf.fill(0);
        }
    }

    /// The attempts until it is given up, and the seconds.
    fn tried(patience: Patience) -> (u32, i64) {
        let made = Timestamp::from_millis(0);
        let (mut now, mut failures) = (made, 0);
        loop {
            failures += 1;
            match patience.next(failures, made, (now, now), &NoChance) {
                Some(next) => now = next,
                None => return (failures, now.as_millis() / 1_000),
            }
        }
    }

    #[test]
    fn a_message_is_tried_for_as_long_as_it_is_worth_it() {
        assert_eq!(tried(Patience::Subscription), (366, 3_596));
        let (mails, seconds) = tried(Patience::Mail);
        assert!(
            mails > 40 && (20_000..21_600).contains(&seconds),
            "{mails} {seconds}"
        );
        let rule = |retries, seconds| tried(Patience::Rule { retries, seconds });
        assert_eq!(rule(0, 86_400), (1, 0));
        assert_eq!(rule(2, 86_400), (3, 1));
        assert!(rule(185, 60).1 < 60);
    }

    #[test]
    fn who_asks_to_wait_is_given_the_time_if_there_is_so_much() {
        let now = Timestamp::from_millis(0);
        let patience = Patience::Rule {
            retries: 3,
            seconds: 60,
        };

        let waits = [0, 1, 59, 60].map(|seconds| {
            let next = patience.next(1, now, (now, now.plus_seconds(seconds)), &NoChance);
            next.map(Timestamp::as_millis)
        });

        assert_eq!(waits, [Some(500), Some(1_000), Some(59_000), None]);
    }

    #[test]
    fn the_first_attempts_follow_quickly() {
        let now = Timestamp::from_millis(0);

        let waits = [1, 2, 3, 4].map(|failures| {
            let next = Patience::Subscription.next(failures, now, (now, now), &NoChance);
            next.map(Timestamp::as_millis)
        });

        assert_eq!(waits, [Some(500), Some(500), Some(500), Some(1_000)]);
    }
}
