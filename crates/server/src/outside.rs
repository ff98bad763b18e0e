//! The real outside world: the system's clock and the system's chance.

use base::{Clock, Entropy, Timestamp};
use std::cell::RefCell;
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

    fn fill_public(&self, buf: &mut [u8]) {
        AHEAD.with_borrow_mut(|ahead| match ahead.take(buf.len()) {
            Some(bytes) => buf.copy_from_slice(bytes),
            None if buf.len() > DRAWN_AHEAD => self.fill(buf),
            None => {
                self.fill(&mut ahead.bytes);
                ahead.used = 0;
                if let Some(bytes) = ahead.take(buf.len()) {
                    buf.copy_from_slice(bytes);
                }
            }
        });
    }
}

/// Random bytes drawn ahead: one call of the generator costs as much for many as for a few, and
/// every request has several ids.
struct Ahead {
    bytes: [u8; DRAWN_AHEAD],
    used: usize,
}

impl Ahead {
    /// The next `length` bytes. INVARIANT: none is given twice.
    fn take(&mut self, length: usize) -> Option<&[u8]> {
        let end = self.used.checked_add(length)?;
        let bytes = self.bytes.get(self.used..end)?;
        self.used = end;
        Some(bytes)
    }
}

thread_local! {
    static AHEAD: RefCell<Ahead> = const {
        RefCell::new(Ahead {
            bytes: [0; DRAWN_AHEAD],
            used: DRAWN_AHEAD,
        })
    };
}

/// Sixteen ids.
const DRAWN_AHEAD: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_does_not_stand_in_the_last_century() {
        let year_2020 = Timestamp::from_millis(1_577_836_800_000);

        assert!(SystemClock.now() > year_2020);
    }

    #[test]
    fn no_public_draw_is_given_twice() {
        let mut seen = std::collections::HashSet::new();
        for length in [16, 16, 200, 16, 256, 300, 16, 7, 249, 16] {
            let mut bytes = vec![0_u8; length];
            SystemEntropy.fill_public(&mut bytes);

            for window in bytes.windows(7) {
                assert!(seen.insert(window.to_vec()));
            }
        }
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
