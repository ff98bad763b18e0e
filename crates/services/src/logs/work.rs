//! What it takes to go through lines: bytes, times how often a pattern goes through them.
//!
//! SECURITY: the bytes alone say little, since a pattern may go through each line hundreds of times.

/// What a line of `bytes` takes of a pattern that goes through it `passes` times.
pub(super) fn work_of(bytes: usize, passes: usize) -> usize {
    bytes.saturating_add(1).saturating_mul(passes.max(1))
}

/// How much one call of an operation does at most, but for the line that it is at: 64 MiB.
pub(super) const MOST_WORK: usize = 64 << 20;
/// After so much others have a turn on the thread: 4 MiB, some milliseconds.
pub(super) const TURN: usize = 4 << 20;
