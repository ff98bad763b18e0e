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
//!   taken for clean. So too where a value cannot be had.
//! - What was noted is overwritten when nobody has the [`InPlay`] any more: that of a single run with
//!   the run, that of a rotation with the last step that a worker takes in one go.

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
    sessions: Mutex<HashMap<String, InPlay>>,
}

/// One watch, which ends when this is dropped.
pub struct Watch {
    witness: Arc<Witness>,
    in_play: InPlay,
}

/// The values that a text is to be cleaned of. Clones are handles of the same.
///
/// INVARIANT: no `Debug`, as it holds secrets.
#[derive(Clone, Default)]
pub struct InPlay(Arc<Mutex<Seen>>);

/// Why the values in play are not all known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllKnown {
    /// There were more than are kept.
    #[error("the function saw more values of secrets than can be taken out of its log")]
    TooMany,
    /// A value of the secret that is rotated does not open.
    #[error(
        "a value of the secret could not be opened, to be taken out of the log: its KMS key is \
         disabled, pending deletion or gone"
    )]
    NotOpened,
}

#[derive(Default)]
struct Seen {
    values: Vec<Plaintext>,
    bytes: usize,
    gap: Option<NotAllKnown>,
}

impl Witness {
    /// Notes in `in_play` from now on what the session with this access key gets to know.
    pub fn watch(self: &Arc<Self>, access_key_id: &str, in_play: &InPlay) -> Watch {
        let mut sessions = self.sessions.lock();
        sessions.insert(access_key_id.to_owned(), in_play.clone());
        self.count(&sessions);
        Watch {
            witness: Arc::clone(self),
            in_play: in_play.clone(),
        }
    }

    /// Notes that the session with this access key knows `value`, if it is watched.
    pub(crate) fn note(&self, access_key_id: Option<&str>, value: &Plaintext) {
        if let Some(seen) = access_key_id.and_then(|key| self.seen_by(key)) {
            seen.add(value);
        }
    }

    /// Watches the session `assumed` too, if the one that assumed it is watched.
    pub(crate) fn follow(&self, access_key_id: Option<&str>, assumed: &str) {
        if let Some(seen) = access_key_id.and_then(|key| self.seen_by(key)) {
            let mut sessions = self.sessions.lock();
            // INVARIANT: no session outlives its watch here. It ends under this lock.
            if sessions.values().any(|other| other.is(&seen)) {
                sessions.insert(assumed.to_owned(), seen);
                self.count(&sessions);
            }
        }
    }

    fn seen_by(&self, access_key_id: &str) -> Option<InPlay> {
        if self.watched.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.sessions.lock().get(access_key_id).cloned()
    }

    fn count(&self, sessions: &HashMap<String, InPlay>) {
        self.watched.store(sessions.len(), Ordering::Release);
    }
}

impl InPlay {
    /// Puts `value` among them.
    pub fn add(&self, value: &Plaintext) {
        self.0.lock().add(value);
    }

    /// Says that not all of them can be known: nothing may be taken for clean from now on.
    pub fn has_gap(&self, gap: NotAllKnown) {
        self.0.lock().give_up(gap);
    }

    /// A copy of all of them.
    ///
    /// # Errors
    /// [`NotAllKnown`].
    pub fn values(&self) -> Result<Vec<Plaintext>, NotAllKnown> {
        let seen = self.0.lock();
        match seen.gap {
            Some(gap) => Err(gap),
            None => Ok(seen.values.iter().map(copy).collect()),
        }
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut sessions = self.witness.sessions.lock();
        sessions.retain(|_, seen| !seen.is(&self.in_play));
        self.witness.count(&sessions);
    }
}

impl Seen {
    fn add(&mut self, value: &Plaintext) {
        let is_known = |one: &Plaintext| one.expose() == value.expose();
        if self.gap.is_some() || self.values.iter().any(is_known) {
            return;
        }
        self.bytes = self.bytes.saturating_add(value.len());
        if self.bytes > MOST_BYTES || self.values.len() >= MOST_VALUES {
            self.give_up(NotAllKnown::TooMany);
            return;
        }
        self.values.push(copy(value));
    }

    fn give_up(&mut self, gap: NotAllKnown) {
        self.gap.get_or_insert(gap);
        self.values.clear();
    }
}

fn copy(value: &Plaintext) -> Plaintext {
    Plaintext::new(value.expose().to_vec())
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

    fn texts(in_play: &InPlay) -> Result<Vec<String>, NotAllKnown> {
        let values = in_play.values()?.into_iter();
        Ok(values
            .map(|value| String::from_utf8(value.expose().to_vec()).unwrap())
            .collect())
    }

    #[test]
    fn only_what_a_watched_session_sees_is_noted() {
        let (witness, in_play) = (Arc::new(Witness::default()), InPlay::default());
        witness.note(Some("ASIA1"), &plain("before"));
        let _watch = witness.watch("ASIA1", &in_play);

        witness.note(Some("ASIA1"), &plain("own"));
        witness.note(Some("ASIA1"), &plain("own"));
        witness.note(Some("ASIA2"), &plain("foreign"));
        witness.note(None, &plain("nobody's"));

        assert_eq!(texts(&in_play), Ok(vec![String::from("own")]));
    }

    #[test]
    fn what_one_session_saw_is_in_play_for_those_that_are_watched_after_it() {
        let (witness, in_play) = (Arc::new(Witness::default()), InPlay::default());
        let first = witness.watch("ASIA1", &in_play);
        witness.note(Some("ASIA1"), &plain("of the first"));
        drop(first);
        witness.note(Some("ASIA1"), &plain("between"));
        let _second = witness.watch("ASIA2", &in_play);

        witness.note(Some("ASIA2"), &plain("of the second"));
        witness.note(Some("ASIA1"), &plain("late"));

        let expected = ["of the first", "of the second"].map(String::from);
        assert_eq!(texts(&in_play), Ok(expected.to_vec()));
    }

    #[test]
    fn a_session_that_was_assumed_is_watched_with_the_first() {
        let (witness, in_play) = (Arc::new(Witness::default()), InPlay::default());
        let _watch = witness.watch("ASIA1", &in_play);

        witness.follow(Some("ASIA1"), "ASIA2");
        witness.follow(Some("ASIA2"), "ASIA3");
        witness.follow(Some("ASIA8"), "ASIA9");
        witness.note(Some("ASIA3"), &plain("third"));
        witness.note(Some("ASIA9"), &plain("foreign"));

        assert_eq!(texts(&in_play), Ok(vec![String::from("third")]));
    }

    #[test]
    fn a_watch_ends_with_all_its_sessions_and_no_other() {
        let witness = Arc::new(Witness::default());
        let (of_first, of_second) = (InPlay::default(), InPlay::default());
        let first = witness.watch("ASIA1", &of_first);
        let second = witness.watch("ASIA2", &of_second);
        witness.follow(Some("ASIA1"), "ASIA3");

        drop(first);

        witness.note(Some("ASIA2"), &plain("value"));
        assert_eq!(texts(&of_second), Ok(vec![String::from("value")]));
        assert_eq!(witness.watched.load(Ordering::Acquire), 1);
        drop(second);
        assert_eq!(witness.watched.load(Ordering::Acquire), 0);
        assert!(witness.sessions.lock().is_empty());
    }

    #[test]
    fn more_than_can_be_kept_is_said_and_not_cut_short() {
        let witness = Arc::new(Witness::default());
        let (many, large) = (InPlay::default(), InPlay::default());
        let _watches = [
            witness.watch("ASIA1", &many),
            witness.watch("ASIA2", &large),
        ];

        for number in 0..=MOST_VALUES {
            witness.note(Some("ASIA1"), &plain(&number.to_string()));
        }
        witness.note(Some("ASIA2"), &plain(&"x".repeat(MOST_BYTES + 1)));

        assert_eq!(texts(&many), Err(NotAllKnown::TooMany));
        assert_eq!(texts(&large), Err(NotAllKnown::TooMany));
    }

    #[test]
    fn a_gap_stays_and_keeps_the_reason_that_came_first() {
        let in_play = InPlay::default();
        in_play.add(&plain("known"));

        in_play.has_gap(NotAllKnown::NotOpened);
        in_play.has_gap(NotAllKnown::TooMany);
        in_play.add(&plain("later"));

        assert_eq!(texts(&in_play), Err(NotAllKnown::NotOpened));
        assert!(in_play.0.lock().values.is_empty());
    }
}
