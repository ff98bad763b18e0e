//! An index in memory, as it is made.

use super::sought::keys;
use super::{Index, IndexError, NO_TIME, Place, SearchKey};
use crate::chain::ChainedLine;
use crate::described::Described;
use crate::lines::Lines;
use std::collections::HashMap;
use std::io::{self, BufRead};

/// An index in memory, which grows with its segment.
#[derive(Debug)]
pub struct BuiltIndex {
    pub(super) first: u64,
    pub(super) length: u64,
    pub(super) places: Vec<Place>,
    pub(super) postings: HashMap<SearchKey, Postings>,
    pub(super) times: Option<(i64, i64)>,
}

/// The events with a key, ascending. Most keys are of one event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Postings {
    One(u32),
    Many(Vec<u32>),
}

impl BuiltIndex {
    /// That of the empty segment whose first event will be number `first`.
    #[must_use]
    pub fn new(first: u64) -> Self {
        Self {
            first,
            length: 0,
            places: Vec::new(),
            postings: HashMap::new(),
            times: None,
        }
    }

    /// Adds the whole lines of `from`, which begins where the index ends, up to that of event number
    /// `through`, and leaves a last one that is not whole. Gives how many bytes it took.
    ///
    /// # Errors
    /// When `from` cannot be read; what was read is added.
    pub fn extend(&mut self, from: impl BufRead, through: u64) -> io::Result<u64> {
        let before = self.length;
        let mut lines = Lines::new(from);
        while self.next_sequence() <= through
            && let Some(line) = lines.next_line()?
        {
            if line.bytes.last() != Some(&b'\n') {
                break;
            }
            self.add(line.bytes);
        }
        Ok(self.length - before)
    }

    /// The number of the event that the next line is of.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.first.saturating_add(self.places.len() as u64)
    }

    /// Adds a line. One that is no event of an account only counts.
    fn add(&mut self, line: &[u8]) {
        let offset = self.length;
        self.length = self.length.saturating_add(line.len() as u64);
        let event = ChainedLine::parse(line).map(|line| line.event());
        let described = event.as_deref().and_then(Described::of);
        let ordinal = u32::try_from(self.places.len());
        let time = match (&described, ordinal) {
            (Some(described), Ok(ordinal)) => {
                keys(described, |key| self.post(key, ordinal));
                let (oldest, newest) = self.times.unwrap_or((described.time, described.time));
                self.times = Some((oldest.min(described.time), newest.max(described.time)));
                described.time
            }
            _ => NO_TIME,
        };
        self.places.push(Place { offset, time });
    }

    fn post(&mut self, key: SearchKey, ordinal: u32) {
        let entry = self.postings.entry(key);
        let postings = entry.or_insert(Postings::One(ordinal));
        match postings {
            Postings::One(one) if *one == ordinal => {}
            Postings::One(one) => *postings = Postings::Many(vec![*one, ordinal]),
            Postings::Many(all) if all.last() == Some(&ordinal) => {}
            Postings::Many(all) => all.push(ordinal),
        }
    }
}

impl Postings {
    pub(super) fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(all) => all,
        }
    }
}

impl Index for BuiltIndex {
    fn first(&self) -> u64 {
        self.first
    }

    fn times(&self) -> Option<(i64, i64)> {
        self.times
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn find(&mut self, key: SearchKey) -> Result<Vec<u32>, IndexError> {
        let found = self.postings.get(&key).map(Postings::as_slice);
        Ok(found.unwrap_or_default().to_vec())
    }

    fn place(&mut self, ordinal: u32) -> Result<Option<Place>, IndexError> {
        let place = usize::try_from(ordinal).ok();
        Ok(place.and_then(|place| self.places.get(place)).copied())
    }
}
