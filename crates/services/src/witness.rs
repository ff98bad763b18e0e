//! Which values a caller has got to know, while somebody has to take them out of a text.
//!
//! A function runs outside of this process and reads and writes secrets over the network. What it logs
//! must not hold them, and only here is it known what they were: so while a function runs, what the
//! session of its role reads, writes and draws is noted, and the log is cleaned of it afterwards.
//!
//! Rules kept here:
//! - Only sessions that are watched are noted. While none is, a read costs one look at a number.
//! - A session that a watched one assumes is watched as well.
//! - SECURITY: a value is noted before the answer that holds it leaves, and one that is given before
//!   it is refused or stored. Where there was more than can be kept, that is said, and nothing may be
//!   taken for clean.
//! - What was noted is overwritten when the watch ends.

use base::Plaintext;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The sessions that are watched, by their access keys.
#[derive(Default)]
pub struct Witness {
    /// How many keys are in `sessions`.
    watched: AtomicUsize,
    sessions: Mutex<HashMap<String, Arc<Mutex<Seen>>>>,
}

/// One watch, which ends when this is dropped.
pub struct Watch {
    witness: Arc<Witness>,
    seen: Arc<Mutex<Seen>>,
}

/// There were more values than are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there were too many values to keep")]
pub struct TooMuchSeen;

#[derive(Default)]
struct Seen {
    values: Vec<Plaintext>,
    bytes: usize,
    is_incomplete: bool,
}

impl Witness {
    /// Notes from now on what the session with this access key gets to know.
    pub fn watch(self: &Arc<Self>, access_key_id: &str) -> Watch {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut sessions = self.sessions.lock();
        sessions.insert(access_key_id.to_owned(), Arc::clone(&seen));
        self.count(&sessions);
        Watch {
            witness: Arc::clone(self),
            seen,
        }
    }

    /// Notes that the session with this access key knows `value`, if it is watched.
    pub(crate) fn note(&self, access_key_id: Option<&str>, value: &Plaintext) {
        if let Some(seen) = access_key_id.and_then(|key| self.seen_by(key)) {
            seen.lock().add(value);
        }
    }

    /// Watches the session `assumed` too, if the one that assumed it is watched.
    pub(crate) fn follow(&self, access_key_id: Option<&str>, assumed: &str) {
        if let Some(seen) = access_key_id.and_then(|key| self.seen_by(key)) {
            let mut sessions = self.sessions.lock();
            // INVARIANT: no session outlives its watch here. It ends under this lock.
            if sessions.values().any(|other| Arc::ptr_eq(other, &seen)) {
                sessions.insert(assumed.to_owned(), seen);
                self.count(&sessions);
            }
        }
    }

    fn seen_by(&self, access_key_id: &str) -> Option<Arc<Mutex<Seen>>> {
        if self.watched.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.sessions.lock().get(access_key_id).cloned()
    }

    fn count(&self, sessions: &HashMap<String, Arc<Mutex<Seen>>>) {
        self.watched.store(sessions.len(), Ordering::Release);
    }
}

impl Watch {
    /// Takes what was noted until now.
    ///
    /// # Errors
    /// [`TooMuchSeen`] when it is not all.
    pub fn take(&self) -> Result<Vec<Plaintext>, TooMuchSeen> {
        let mut seen = self.seen.lock();
        if seen.is_incomplete {
            return Err(TooMuchSeen);
        }
        seen.bytes = 0;
        Ok(std::mem::take(&mut seen.values))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut sessions = self.witness.sessions.lock();
        sessions.retain(|_, seen| !Arc::ptr_eq(seen, &self.seen));
        self.witness.count(&sessions);
    }
}

impl Seen {
    fn add(&mut self, value: &Plaintext) {
        let is_known = |one: &Plaintext| one.expose() == value.expose();
        if self.is_incomplete || self.values.iter().any(is_known) {
            return;
        }
        self.bytes = self.bytes.saturating_add(value.len());
        if self.bytes > MOST_BYTES || self.values.len() >= MOST_VALUES {
            self.is_incomplete = true;
            self.values.clear();
            return;
        }
        self.values.push(Plaintext::new(value.expose().to_vec()));
    }
}

/// A rotation sees about ten.
const MOST_VALUES: usize = 1_000;
const MOST_BYTES: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Plaintext {
        Plaintext::from(text.to_owned())
    }

    fn texts(watch: &Watch) -> Result<Vec<String>, TooMuchSeen> {
        let values = watch.take()?.into_iter();
        Ok(values
            .map(|value| String::from_utf8(value.expose().to_vec()).unwrap())
            .collect())
    }

    #[test]
    fn only_what_a_watched_session_sees_is_noted() {
        let witness = Arc::new(Witness::default());
        witness.note(Some("ASIA1"), &plain("before"));
        let watch = witness.watch("ASIA1");

        witness.note(Some("ASIA1"), &plain("own"));
        witness.note(Some("ASIA1"), &plain("own"));
        witness.note(Some("ASIA2"), &plain("foreign"));
        witness.note(None, &plain("nobody's"));

        assert_eq!(texts(&watch), Ok(vec![String::from("own")]));
        assert_eq!(texts(&watch), Ok(Vec::new()));
    }

    #[test]
    fn a_session_that_was_assumed_is_watched_with_the_first() {
        let witness = Arc::new(Witness::default());
        let watch = witness.watch("ASIA1");

        witness.follow(Some("ASIA1"), "ASIA2");
        witness.follow(Some("ASIA2"), "ASIA3");
        witness.follow(Some("ASIA8"), "ASIA9");
        witness.note(Some("ASIA3"), &plain("third"));
        witness.note(Some("ASIA9"), &plain("foreign"));

        assert_eq!(texts(&watch), Ok(vec![String::from("third")]));
    }

    #[test]
    fn a_watch_ends_with_all_its_sessions_and_no_other() {
        let witness = Arc::new(Witness::default());
        let first = witness.watch("ASIA1");
        let second = witness.watch("ASIA2");
        witness.follow(Some("ASIA1"), "ASIA3");

        drop(first);

        witness.note(Some("ASIA2"), &plain("value"));
        assert_eq!(texts(&second), Ok(vec![String::from("value")]));
        assert_eq!(witness.watched.load(Ordering::Acquire), 1);
        drop(second);
        assert_eq!(witness.watched.load(Ordering::Acquire), 0);
        assert!(witness.sessions.lock().is_empty());
    }

    #[test]
    fn more_than_can_be_kept_is_said_and_not_cut_short() {
        let many = Arc::new(Witness::default());
        let large = Arc::new(Witness::default());
        let (of_many, of_large) = (many.watch("ASIA1"), large.watch("ASIA1"));

        for number in 0..=MOST_VALUES {
            many.note(Some("ASIA1"), &plain(&number.to_string()));
        }
        large.note(Some("ASIA1"), &plain(&"x".repeat(MOST_BYTES + 1)));

        assert_eq!(texts(&of_many), Err(TooMuchSeen));
        assert_eq!(texts(&of_large), Err(TooMuchSeen));
    }
}
