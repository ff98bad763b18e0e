//! Whether the clock is to be believed about the age of what would be deleted.

use base::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// Watches the clock beside time that cannot be set.
///
/// SECURITY: a clock that was set forward makes everything old, and who can set it is not to delete the log
/// that way. So nothing is deleted soon after a start, nor for a day after a jump.
#[derive(Debug)]
pub(crate) struct Steady {
    trusted_from: Instant,
    seen: Option<(Instant, Timestamp)>,
}

impl Steady {
    /// For a server that starts at `at`.
    pub(crate) fn since(at: Instant) -> Self {
        Self {
            trusted_from: at.checked_add(AFTER_START).unwrap_or(at),
            seen: None,
        }
    }

    /// Whether the clock, which says `now` at `at`, has run evenly for long enough.
    pub(crate) fn trusts(&mut self, at: Instant, now: Timestamp) -> bool {
        if let Some((then, said)) = self.seen.replace((at, now)) {
            let passed = at.saturating_duration_since(then).as_millis();
            let passed = i64::try_from(passed).unwrap_or(i64::MAX);
            let counted = now.as_millis().saturating_sub(said.as_millis());
            if counted.saturating_sub(passed).saturating_abs() > TOLERANCE_MILLIS {
                tracing::warn!("the clock was set: old audit segments are kept for another day");
                self.trusted_from = at.checked_add(AFTER_JUMP).unwrap_or(at);
            }
        }
        at >= self.trusted_from
    }
}

/// Less than the hour between two looks. Clocks are set right in the first minutes.
const AFTER_START: Duration = Duration::from_secs(1_800);
const AFTER_JUMP: Duration = Duration::from_secs(86_400);
/// Much more than what keeps a clock right takes at once.
const TOLERANCE_MILLIS: i64 = 600_000;

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    /// What is trusted at the hours from a start on, when the clock is ahead by so many hours at each.
    fn trusted(ahead: &[i64]) -> Vec<bool> {
        let start = Instant::now();
        let mut steady = Steady::since(start);
        let trusts = (0..).zip(ahead).map(|(hour, ahead)| {
            let at = start + HOUR * hour;
            let millis = (i64::from(hour) + ahead) * 3_600_000;
            steady.trusts(at, Timestamp::from_millis(millis))
        });
        trusts.collect()
    }

    #[test]
    fn a_clock_that_runs_evenly_is_believed_after_a_while() {
        assert_eq!(trusted(&[0, 0, 0]), [false, true, true]);
    }

    #[test]
    fn a_clock_that_jumps_either_way_is_not_believed_for_a_day() {
        for jump in [1_000, -1_000] {
            let mut ahead = vec![0, 0];
            ahead.extend([jump; 26]);

            let trusted = trusted(&ahead);

            assert_eq!(trusted[..3], [false, true, false], "{jump}");
            assert!(trusted[2..26].iter().all(|trusts| !trusts), "{jump}");
            assert_eq!(trusted[26..], [true, true], "{jump}");
        }
    }
}
