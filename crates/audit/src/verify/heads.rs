//! The head: how far the log was signed, and whether it goes that far.

use super::files;
use super::report::SignedHead;
use super::{Verification, VerifyError};
use crate::names::HEAD;
use crate::statement::Said;
use crate::walk::Trouble;
use base::Timestamp;
use std::time::Duration;

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
        if !self.files.is_whole {
            return Ok(());
        }
        let is_known = |hash| self.statements.contains(&hash);
        if !opened.statement.previous.is_some_and(is_known) {
            self.report.problem(HEAD, None, Trouble::Disconnected);
        } else if let Some(newest) = self.newest.take()
            && self.previous.is_some()
            && opened.statement.previous != self.previous
            && !self.is_superseded(content)?
        {
            // SECURITY: what came after such a head could be cut off, and nothing else would tell.
            self.report.problem(HEAD, None, Trouble::Outdated(newest));
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

    /// Whether a running server has put another head in the place of the one with `content`. It does
    /// so right after each digest.
    fn is_superseded(&self, content: Option<&[u8]>) -> Result<bool, VerifyError> {
        for _ in 0..LOOKS {
            let now = self.files.head_now()?;
            if now.as_deref() != content {
                return Ok(true);
            }
            std::thread::sleep(BETWEEN_LOOKS);
        }
        Ok(false)
    }

    /// Notes that the last of the events behind the head is one of `time`, if that is much later.
    ///
    /// A server signs within a second of its sync, so what one leaves that is killed is not.
    pub(super) fn note_late(&mut self, time: Option<String>) {
        let signed = self.head.as_ref().map(|(opened, _)| &opened.statement.time);
        let moment = |time: &str| Timestamp::parse_basic(&time.replace(['-', ':'], ""));
        let (Some(signed), Some(last)) = (
            signed.and_then(|time| moment(time)),
            time.as_deref().and_then(moment),
        ) else {
            return;
        };
        if last.as_millis().saturating_sub(signed.as_millis()) > LATE_MILLIS {
            self.report.unsigned_until = time;
        }
    }
}

const LATE_MILLIS: i64 = 10_000;
const LOOKS: u32 = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
