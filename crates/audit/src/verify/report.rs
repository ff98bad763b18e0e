//! What a verification found.

use crate::hash::Hash;
use crate::keys::KeyId;
use crate::walk::{Trouble, Walk};

/// What a verification found.
#[derive(Debug, Default)]
pub struct Report {
    /// Whose log it is.
    pub deployment: Option<String>,
    /// How many events are as they were.
    pub events: u64,
    /// How many segments were read.
    pub segments: u64,
    /// The number of the last event that is as it was.
    pub last_sequence: u64,
    /// The time of the first event that was read.
    pub first_event_time: Option<String>,
    /// The time of the last event that was read.
    pub last_event_time: Option<String>,
    /// How far the log was signed.
    pub head: Option<SignedHead>,
    /// How many events came after that.
    pub unsigned_events: u64,
    /// The time of the last of them, if that is much later than the head: a sealed server wrote them,
    /// or an older head was put in the place of the last one.
    pub unsigned_until: Option<String>,
    /// Whether half a line stands after the last event: it is being written, or the server died.
    pub has_torn_end: bool,
    /// The length of the log from before the chain, if it is as it was.
    pub history_bytes: Option<u64>,
    /// What was deleted because of its age.
    pub gone: Vec<Gone>,
    /// From where on other keys sign.
    pub key_changes: Vec<KeyChanged>,
    /// What operators took note of.
    pub accepted: Vec<Accepted>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// How far a log was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// The number of the last event.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
    /// When it was signed.
    pub time: String,
}

/// What was deleted because of its age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The log from before the chain.
    History,
    /// Events.
    Events {
        /// The first one's number.
        first: u64,
        /// The last one's number.
        last: u64,
    },
}

/// Another key signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChanged {
    /// From this event on.
    pub first: u64,
    /// The key that was replaced.
    pub replaced: KeyId,
    /// The key that signs since then.
    pub next: KeyId,
    /// When.
    pub time: String,
}

/// A loss that an operator took note of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The number of the first event that is lost.
    pub first: u64,
    /// The number of the last one. Less than `first` when none is.
    pub last: u64,
    /// What the server found.
    pub reason: String,
    /// When.
    pub time: String,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line in it.
    pub line: Option<u64>,
    /// What it is.
    pub trouble: Trouble,
}

impl Report {
    /// Notes the first problem of a file.
    pub(super) fn problem(&mut self, file: &str, line: Option<u64>, trouble: Trouble) {
        if self.problems.iter().all(|known| known.file != file) {
            self.problems.push(Problem {
                file: file.to_owned(),
                line,
                trouble,
            });
        }
    }

    pub(super) fn add(&mut self, walk: &Walk) {
        self.segments = self.segments.saturating_add(1);
        self.events = self.events.saturating_add(walk.events);
        if let Some(last) = walk.last {
            self.last_sequence = last.sequence;
        }
        let survey = walk.contents.survey();
        if self.first_event_time.is_none() {
            self.first_event_time = survey.first_event_time;
        }
        if survey.last_event_time.is_some() {
            self.last_event_time = survey.last_event_time;
        }
    }
}
