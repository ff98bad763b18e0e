//! What the log begins with, and what was deleted of it since.

use super::report::Gone;
use super::{BUFFER_BYTES, Verification, VerifyError};
use crate::names::{BEGINNING, HISTORY, RETENTION};
use crate::statement::{Beginning, Retention, Said, Statement};
use crate::walk::{Trouble, survey};
use std::io::BufReader;

impl Verification<'_> {
    pub(super) fn take_beginning(&mut self) -> Result<(), VerifyError> {
        self.retention = self.latest_retention()?;
        let content = match &self.files.beginning {
            Some(path) => self.files.content(path)?,
            None => None,
        };
        let Some(content) = content else {
            self.is_unanchored = self.files.is_whole;
            if self.files.is_whole && !self.is_loss_of_beginning_accepted()? {
                self.report.problem(BEGINNING, None, Trouble::Removed);
            }
            return Ok(());
        };
        let Some(opened) = self.open(BEGINNING, &content) else {
            return Ok(());
        };
        let Said::Beginning(beginning) = opened.statement.said else {
            self.report.problem(BEGINNING, None, Trouble::Misplaced);
            return Ok(());
        };
        self.statements.insert(opened.hash);
        self.previous = Some(opened.hash);
        self.expected = Some(beginning.position);
        self.take_history(&beginning)
    }

    /// Whether an operator took note that the beginning is lost. The statement is verified again in
    /// its place.
    fn is_loss_of_beginning_accepted(&self) -> Result<bool, VerifyError> {
        for path in self.files.losses() {
            let content = self.files.content(path)?.unwrap_or_default();
            let opened = Statement::open(&content, self.keys);
            if matches!(opened.map(|opened| opened.statement.said), Ok(Said::Loss(loss)) if loss.beginning)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The statement of what was deleted, as it is now.
    pub(super) fn latest_retention(&mut self) -> Result<Option<Retention>, VerifyError> {
        let content = match &self.files.retention {
            Some(path) => self.files.content(path)?,
            None => None,
        };
        let Some(content) = content else {
            return Ok(None);
        };
        let Some(opened) = self.open(RETENTION, &content) else {
            return Ok(None);
        };
        self.retention_key = Some(opened.statement.key_id().clone());
        let Said::Retention(retention) = opened.statement.said else {
            self.report.problem(RETENTION, None, Trouble::Misplaced);
            return Ok(None);
        };
        Ok(Some(retention))
    }

    fn take_history(&mut self, beginning: &Beginning) -> Result<(), VerifyError> {
        let Some(history) = beginning.history else {
            if self.files.history.is_some() {
                self.report.problem(HISTORY, None, Trouble::Unexpected);
            }
            return Ok(());
        };
        let opened = match &self.files.history {
            Some(path) => self.files.opened(path)?,
            None => None,
        };
        let Some(file) = opened else {
            if self.retention.as_ref().is_some_and(|said| said.history) {
                self.report.gone.push(Gone::History);
            } else if self.files.is_whole {
                self.report.problem(HISTORY, None, Trouble::Removed);
            }
            return Ok(());
        };
        let found = survey(BufReader::with_capacity(BUFFER_BYTES, file))
            .map_err(|error| VerifyError::Read(HISTORY.into(), error))?;
        if (found.length, found.sha256) == (history.length, history.sha256) {
            self.report.history_bytes = Some(history.length);
        } else {
            self.report.problem(HISTORY, None, Trouble::Changed);
        }
        Ok(())
    }
}
