//! The one place that reads the clocks.

use base::Timestamp;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The present moment, for signatures.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark signs for, and verifies at, the real time"
)]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The present moment, for durations.
#[expect(
    clippy::disallowed_methods,
    reason = "measuring durations is what this crate is for"
)]
pub(crate) fn instant() -> Instant {
    Instant::now()
}
