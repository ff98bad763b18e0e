//! Indexes of segments, by which events are looked up.
//!
//! Rules kept here:
//! - an index is made from its segment and says nothing of its own: one that is missing, torn, damaged or
//!   of another segment is made again;
//! - INVARIANT: an index only tells where to look. Every event that is found was read from the segment and
//!   compared with what is sought, its account and Region first, so that no index can show a wrong event;
//! - a look reads a few blocks of an index, whatever its size, and keeps none.
//!
//! ```text
//! 00000000000000000001.log     the segment
//! 00000000000000000001.index   header │ places │ keys │ postings │ sums
//! ```

mod built;
mod file;
mod search;
mod sought;

pub use built::BuiltIndex;
pub use file::IndexFile;
pub use search::{Found, Question, search};
pub use sought::{Attribute, SearchKey, Sought};

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Why an index is of no use.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It, or its segment, cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not what was written, or not of this segment.
    #[error("the index is damaged, or of another segment")]
    Damaged,
}

/// Where an event stands in its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The first byte of its line.
    pub offset: u64,
    /// Its time, in seconds after 1970. [`NO_TIME`] for a line that is no event of an account.
    pub time: i64,
}

/// An index, on file or in memory.
pub trait Index {
    /// The number of the segment's first event.
    fn first(&self) -> u64;

    /// The times of the oldest and of the newest event. `None`: it has no event of an account.
    fn times(&self) -> Option<(i64, i64)>;

    /// How many bytes of the segment it is of.
    fn length(&self) -> u64;

    /// The events with a key, in ascending order: 0 is the segment's first one.
    ///
    /// # Errors
    /// When the index is of no use.
    fn find(&mut self, key: SearchKey) -> Result<Vec<u32>, IndexError>;

    /// Where an event stands. `None`: there is no such event.
    ///
    /// # Errors
    /// When the index is of no use.
    fn place(&mut self, ordinal: u32) -> Result<Option<Place>, IndexError>;
}

/// What can be read anywhere.
pub trait ReadAt {
    /// Fills `buffer` with what stands at `offset`.
    ///
    /// # Errors
    /// When that cannot be read, or is not all there.
    fn read_exactly(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
}

impl ReadAt for File {
    fn read_exactly(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(buffer, offset)
    }
}

impl ReadAt for [u8] {
    fn read_exactly(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let there = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(there);
        Ok(())
    }
}

impl<R: ReadAt + ?Sized> ReadAt for &R {
    fn read_exactly(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        (*self).read_exactly(buffer, offset)
    }
}

/// What tells a segment from others: its length, and its last bytes, which hold the last line's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How many bytes it has.
    pub length: u64,
    tail: [u8; TAIL_BYTES],
}

impl Mark {
    /// That of `segment`, which has `length` bytes.
    ///
    /// # Errors
    /// When its end cannot be read.
    pub fn of(segment: &(impl ReadAt + ?Sized), length: u64) -> io::Result<Self> {
        let mut tail = [0; TAIL_BYTES];
        let there = usize::try_from(length).map_or(TAIL_BYTES, |length| length.min(TAIL_BYTES));
        let (end, _) = tail.split_at_mut(there);
        segment.read_exactly(end, length.saturating_sub(there as u64))?;
        Ok(Self { length, tail })
    }
}

/// The time of what is no event of an account.
pub const NO_TIME: i64 = i64::MIN;
/// A hash as base64, and what ends a line.
const TAIL_BYTES: usize = 48;

#[cfg(test)]
mod tests;
