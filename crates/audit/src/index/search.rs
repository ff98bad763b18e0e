//! Looking for events in one segment.

use super::{Index, IndexError, ReadAt, Sought};
use crate::chain::ChainedLine;
use crate::described::Described;
use crate::lines::MOST_LINE_BYTES;

/// What is asked of a segment.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which events.
    pub sought: Sought,
    /// Not before this second.
    pub from: i64,
    /// Not after this second.
    pub to: i64,
    /// Only events with smaller numbers.
    pub before: u64,
}

/// An event that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub sequence: u64,
    /// Its record, without the log's own member.
    pub record: Vec<u8>,
}

/// Looks in `segment`, which `index` is of, for what is asked, and puts up to `most` events into `found`,
/// the newest first.
///
/// # Errors
/// When the index is of no use, or the segment cannot be read. What is in `found` by then is right.
pub fn search(
    index: &mut impl Index,
    segment: &(impl ReadAt + ?Sized),
    question: &Question,
    most: usize,
    found: &mut Vec<Found>,
) -> Result<(), IndexError> {
    let Some((oldest, newest)) = index.times() else {
        return Ok(());
    };
    let first = index.first();
    if newest < question.from || oldest > question.to || first >= question.before {
        return Ok(());
    }
    let limit = found.len().saturating_add(most);
    for ordinal in index.find(question.sought.key())?.into_iter().rev() {
        if found.len() >= limit {
            break;
        }
        let sequence = first.saturating_add(u64::from(ordinal));
        if sequence >= question.before {
            continue;
        }
        let place = index.place(ordinal)?.ok_or(IndexError::Damaged)?;
        if !(question.from..=question.to).contains(&place.time) {
            continue;
        }
        let line = line(index, segment, ordinal, place.offset)?;
        let record = ChainedLine::parse(&line)
            .ok_or(IndexError::Damaged)?
            .event();
        let Some(described) = Described::of(&record) else {
            return Err(IndexError::Damaged);
        };
        // INVARIANT: what the event says decides, not what the index says of it.
        let is_in_time = (question.from..=question.to).contains(&described.time);
        if is_in_time && question.sought.matches(&described) {
            drop(described);
            found.push(Found { sequence, record });
        }
    }
    Ok(())
}

fn line(
    index: &mut impl Index,
    segment: &(impl ReadAt + ?Sized),
    ordinal: u32,
    start: u64,
) -> Result<Vec<u8>, IndexError> {
    let next = match ordinal.checked_add(1) {
        Some(next) => index.place(next)?,
        None => None,
    };
    let end = next.map_or(index.length(), |next| next.offset);
    let length = end.checked_sub(start).ok_or(IndexError::Damaged)?;
    if length > MOST_LINE_BYTES {
        return Err(IndexError::Damaged);
    }
    let length = usize::try_from(length).map_err(|_| IndexError::Damaged)?;
    let mut line = vec![0; length];
    segment.read_exactly(&mut line, start)?;
    Ok(line)
}
