//! What operators took note of.

use super::files;
use super::report::Accepted;
use super::{Verification, VerifyError};
use crate::statement::{Loss, Said};
use crate::walk::Trouble;

impl Verification<'_> {
    pub(super) fn take_loss(&mut self, first: u64) -> Result<(), VerifyError> {
        let path = self.files.loss(first);
        let name = files::shown(&path);
        let Some(content) = self.files.content(&path)? else {
            return Ok(());
        };
        let Some(opened) = self.open(&name, &content) else {
            self.forget();
            return Ok(());
        };
        self.connect(&name, &opened);
        let Said::Loss(loss) = opened.statement.said else {
            self.report.problem(&name, None, Trouble::Misplaced);
            return Ok(());
        };
        if loss.after.sequence.saturating_add(1) == first {
            self.begins_in_place(&name, first, Some(loss.after.hash));
        } else {
            self.report.problem(&name, None, Trouble::Misplaced);
        }
        self.accept_loss(loss, opened.statement.time);
        Ok(())
    }

    fn accept_loss(&mut self, loss: Loss, time: String) {
        self.expected = Some(loss.last);
        self.note_head(loss.last);
        self.report.accepted.push(Accepted {
            first: loss.after.sequence.saturating_add(1),
            last: loss.last.sequence,
            reason: loss.reason,
            time,
        });
    }
}
