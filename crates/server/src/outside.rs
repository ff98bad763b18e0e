//! The real outside world: the system's clock and the system's chance.

use base::{Clock, Entropy, Timestamp};
use std::time::{SystemTime, UNIX_EPOCH};

/// The system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the present moment enters the program"
    )]
    fn now(&self) -> Timestamp {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_millis()).map_or(i64::MIN, i64::wrapping_neg)
            }
        };
        Timestamp::from_millis(millis)
    }
}

/// The operating system's generator, through the cryptographic library.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buf: &mut [u8]) {
        // SECURITY: without chance there are no keys and no nonces. Nothing may go on with a
        // predictable buffer, so the process ends here, at once.
        if aws_lc_rs::rand::fill(buf).is_err() {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_does_not_stand_in_the_last_century() {
        let year_2020 = Timestamp::from_millis(1_577_836_800_000);

        assert!(SystemClock.now() > year_2020);
    }

    #[test]
    fn two_draws_differ() {
        let draw = || {
            let mut bytes = [0_u8; 32];
            SystemEntropy.fill(&mut bytes);
            bytes
        };

        assert_ne!(draw(), draw());
    }
}
