//! What a file of the log holds, told as it is written or read.
//!
//! Rules kept here: nothing is read a second time, so what is said of a file is what went through
//! the hands of who says it.

use crate::hash::{Hash, Hasher};
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;

/// The lines of a file so far.
#[derive(Clone, Default)]
pub struct Contents {
    length: u64,
    hasher: Hasher,
    first_event_time: Option<String>,
    last_line: Vec<u8>,
}

/// What a digest says of a file beside the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Its length in bytes.
    pub length: u64,
    /// Its hash.
    pub sha256: Hash,
    /// The time of its first event.
    pub first_event_time: Option<String>,
    /// The time of its last event.
    pub last_event_time: Option<String>,
}

impl Contents {
    /// Takes `lines` in, which are whole and come next.
    pub fn add(&mut self, lines: &[u8]) {
        if self.length == 0 {
            let first = lines.split(|b| *b == b'\n').next();
            self.first_event_time = first.and_then(event_time);
        }
        self.hasher.update(lines);
        self.length = self.length.saturating_add(lines.len() as u64);
        let before_end = lines.split_last().map_or(lines, |(_, before)| before);
        let last = before_end.rsplit(|b| *b == b'\n').next();
        if let Some(last) = last.filter(|last| !last.is_empty()) {
            self.last_line.clear();
            self.last_line.extend_from_slice(last);
        }
    }

    /// Their length in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// What a digest would say of them.
    #[must_use]
    pub fn survey(&self) -> Survey {
        Survey {
            length: self.length,
            sha256: self.hasher.clone().finish(),
            first_event_time: self.first_event_time.clone(),
            last_event_time: event_time(&self.last_line),
        }
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// The time of an event, as its line has it.
fn event_time(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(rename = "eventTime", borrow)]
        time: Cow<'a, str>,
    }

    let event: Event<'_> = serde_json::from_slice(line).ok()?;
    Some(event.time.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(second: usize) -> Vec<u8> {
        format!("{{\"eventTime\":\"{second}\"}}\n").into_bytes()
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        let survey = Contents::default().survey();

        assert_eq!((survey.length, survey.sha256), (0, Hash::of(b"")));
        assert_eq!(survey.first_event_time, survey.last_event_time);
        assert_eq!(survey.last_event_time, None);
    }

    proptest! {
        #[test]
        fn it_is_the_same_however_the_lines_come(pieces in prop::collection::vec(1_usize..4, 1..6)) {
            let count: usize = pieces.iter().sum();
            let lines: Vec<Vec<u8>> = (0..count).map(line).collect();
            let mut contents = Contents::default();

            let mut left = lines.as_slice();
            for piece in pieces {
                let (now, later) = left.split_at(piece);
                contents.add(&now.concat());
                left = later;
            }

            let whole = lines.concat();
            prop_assert_eq!(contents.survey(), Survey {
                length: whole.len() as u64,
                sha256: Hash::of(&whole),
                first_event_time: Some(String::from("0")),
                last_event_time: Some((count - 1).to_string()),
            });
        }
    }
}
