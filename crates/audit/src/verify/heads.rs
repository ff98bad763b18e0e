//! The head: how far the log was signed, and whether it goes that far.

use super::files;
use super::report::SignedHead;
use super::{Verification, VerifyError};
use crate::chain::Position;
use crate::keys::KeyId;
use crate::names::{HEAD, RETENTION};
use crate::statement::{Opened, Said, StatementError};
use crate::walk::Trouble;
use base::Timestamp;

impl Verification<'_> {
    pub(super) fn take_head(&mut self, content: Option<&[u8]>) {
        let Some(content) = content else {
            if self.files.is_whole {
                self.report.problem(HEAD, None, Trouble::Removed);
            }
            return;
        };
        let Some(opened) = self.open(HEAD, content) else {
            return;
        };
        let Said::Head(head) = opened.statement.said.clone() else {
            self.report.problem(HEAD, None, Trouble::Misplaced);
            return;
        };
        // SECURITY: a head of an earlier key is one that a server left that died as the key was replaced, or
        // an older one: it tells of nothing that came after.
        if !self
            .keys
            .may_sign(opened.statement.key_id(), head.position.sequence)
        {
            self.report
                .problem(HEAD, None, StatementError::ReplacedKey.into());
            return;
        }
        self.report.head = Some(SignedHead {
            sequence: head.position.sequence,
            hash: head.position.hash,
            time: opened.statement.time.clone(),
        });
        self.head = Some((opened, head));
    }

    /// Whether the log reaches the signed head, whose file had `content`, and no further.
    pub(super) fn finish_head(&mut self, content: Option<&[u8]>) -> Result<(), VerifyError> {
        let Some((opened, head)) = self.head.take() else {
            return Ok(());
        };
        self.check_retention_key(opened.statement.key_id());
        if !self.files.is_whole {
            return Ok(());
        }
        let is_known = |hash| self.statements.contains(&hash);
        if !opened.statement.previous.is_some_and(is_known) {
            self.report.problem(HEAD, None, Trouble::Disconnected);
        } else if let Some(newer) = self.newer.take()
            && !newer.is_of_the_same_moment(&opened.statement.time, head.position)
            && self.files.head_now()?.as_deref() == content
        {
            self.report
                .problem(HEAD, None, Trouble::Outdated(newer.last_name));
        }
        if self.is_head_found || head.position.sequence == 0 {
            return Ok(());
        }
        let name = files::shown(&self.files.segment(head.segment));
        let expected = head.position.sequence;
        let found = self.report.last_sequence;
        let trouble = if !self.files.segments.contains_key(&head.segment) {
            Trouble::Removed
        } else if found < expected {
            Trouble::EndsEarly { found, expected }
        } else {
            Trouble::NotTheSigned(expected)
        };
        self.report.problem(&name, None, trouble);
        Ok(())
    }

    /// What was deleted is to be signed by a key that still signs, as soon as the head is: the one before may be
    /// in other hands by now.
    fn check_retention_key(&mut self, of_head: &KeyId) {
        let signs = |id: &KeyId| self.keys.may_sign(id, u64::MAX);
        if signs(of_head) && self.retention_key.as_ref().is_some_and(|id| !signs(id)) {
            let trouble = StatementError::ReplacedKey.into();
            self.report.problem(RETENTION, None, trouble);
        }
    }

    /// Notes a statement that comes after the one that the head names.
    pub(super) fn note_newer(&mut self, name: &str, opened: &Opened) {
        let Some((head, _)) = &self.head else {
            return;
        };
        let statement = &opened.statement;
        if statement.previous == head.statement.previous {
            self.newer = Some(Newer {
                first_time: statement.time.clone(),
                closes: match &statement.said {
                    Said::Segment(segment) => Some(segment.last()),
                    Said::Key(change) => Some(change.after),
                    _ => None,
                },
                last_time: statement.time.clone(),
                last_name: name.to_owned(),
            });
        } else if let Some(newer) = &mut self.newer {
            newer.last_time.clone_from(&statement.time);
            name.clone_into(&mut newer.last_name);
        }
    }

    /// Notes that the last of the events behind the head is one of `time`, if that is much later.
    ///
    /// A server signs within a second of its sync, so what one leaves that is killed is not.
    pub(super) fn note_late(&mut self, time: Option<String>) {
        let signed = self.head.as_ref().map(|(opened, _)| &opened.statement.time);
        if let (Some(signed), Some(last)) = (signed, &time)
            && millis_between(signed, last).is_some_and(|millis| millis > MOMENT_MILLIS)
        {
            self.report.unsigned_until = time;
        }
    }
}

/// Statements that the head does not know of.
pub(super) struct Newer {
    first_time: String,
    /// The last line of the segment that the first of them closes.
    closes: Option<Position>,
    last_time: String,
    last_name: String,
}

impl Newer {
    /// Whether a server may have died after it wrote these and before it wrote the head that follows
    /// them: they are of the moment of the head that it left, signed at `time`, or nothing was
    /// written since that went as far as `position`.
    ///
    /// Who has such a head, of the moment of the last digest, can put the whole log back to it as
    /// well, which no file tells.
    fn is_of_the_same_moment(&self, time: &str, position: Position) -> bool {
        let is_soon = |from: &str, to: &str| {
            millis_between(from, to).is_some_and(|millis| millis <= MOMENT_MILLIS)
        };
        let follows = self.closes == Some(position) || is_soon(time, &self.first_time);
        follows && is_soon(&self.first_time, &self.last_time)
    }
}

/// How long after the time `from` the time `to` is.
fn millis_between(from: &str, to: &str) -> Option<i64> {
    let moment = |time: &str| Timestamp::parse_basic(&time.replace(['-', ':'], ""));
    let millis = moment(to)?
        .as_millis()
        .checked_sub(moment(from)?.as_millis());
    millis.filter(|millis| *millis >= 0)
}

/// A server signs within about a second of its sync. With a disk that is slow, somewhat later.
const MOMENT_MILLIS: i64 = 10_000;
