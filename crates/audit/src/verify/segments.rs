//! Segments, closed and open.

use super::files;
use super::report::Gone;
use super::{BUFFER_BYTES, Verification, VerifyError};
use crate::chain::Position;
use crate::statement::{Said, Segment};
use crate::walk::{Trouble, Walk, walk};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

impl Verification<'_> {
    pub(super) fn take_segment(&mut self, first: u64, is_last: bool) -> Result<(), VerifyError> {
        let path = self.files.digest(first);
        let name = files::shown(&path);
        let Some(content) = self.files.content(&path)? else {
            return self.take_open(first, is_last);
        };
        let Some(opened) = self.open(&name, &content) else {
            self.previous = None;
            return self.take_open(first, is_last);
        };
        self.connect(&name, &opened);
        match opened.statement.said {
            Said::Segment(segment) if segment.first_sequence == first => {
                self.take_closed(&name, &segment)
            }
            _ => {
                self.report.problem(&name, None, Trouble::Misplaced);
                self.take_open(first, is_last)
            }
        }
    }

    /// A segment that has a digest.
    fn take_closed(&mut self, digest: &str, segment: &Segment) -> Result<(), VerifyError> {
        let first = segment.first_sequence;
        self.begins_in_place(digest, first, Some(segment.first_previous_hash));
        self.expected = Some(segment.last());
        self.note_head(segment.last());
        let path = self.files.segment(first);
        let name = files::shown(&path);
        let Some(file) = self.files.opened(&path)? else {
            self.take_gone(&name, segment)?;
            return Ok(());
        };
        let start = Position {
            sequence: first.saturating_sub(1),
            hash: segment.first_previous_hash,
        };
        let walk = self.walk(&path, file, Some(start))?;
        let last = walk.last.map_or(start.sequence, |last| last.sequence);
        let next_line = walk.events.saturating_add(1);
        let survey = walk.contents.survey();
        let trouble = match walk.trouble {
            Some((line, trouble)) if last < segment.last_sequence => Some((line, trouble)),
            _ if last < segment.last_sequence => {
                let expected = segment.last_sequence;
                let found = last;
                Some((next_line, Trouble::EndsEarly { found, expected }))
            }
            Some((line, _)) => Some((line, Trouble::GoesOn(segment.last_sequence))),
            None if last > segment.last_sequence || survey.length != segment.length => {
                Some((next_line, Trouble::GoesOn(segment.last_sequence)))
            }
            None if walk.last != Some(segment.last()) => {
                Some((walk.events, Trouble::NotTheSigned(last)))
            }
            None => None,
        };
        if let Some((line, trouble)) = trouble {
            self.report.problem(&name, Some(line), trouble);
        } else if survey.sha256 != segment.sha256 {
            self.report.problem(&name, None, Trouble::Changed);
        }
        Ok(())
    }

    fn take_gone(&mut self, name: &str, segment: &Segment) -> Result<(), VerifyError> {
        // A running server may have deleted it since.
        self.retention = self.latest_retention()?;
        let through = self
            .retention
            .as_ref()
            .map_or(0, |said| said.deleted_through);
        if segment.last_sequence <= through {
            self.report.gone.push(Gone::Events {
                first: segment.first_sequence,
                last: segment.last_sequence,
            });
        } else {
            self.report.problem(name, None, Trouble::Removed);
        }
        Ok(())
    }

    /// A segment that has no digest yet.
    fn take_open(&mut self, first: u64, is_last: bool) -> Result<(), VerifyError> {
        let path = self.files.segment(first);
        let name = files::shown(&path);
        let Some(file) = self.files.opened(&path)? else {
            // Only a digest that cannot be believed is there, or a name that leads nowhere.
            self.report.problem(&name, None, Trouble::Removed);
            self.forget();
            return Ok(());
        };
        let start = if self.begins_in_place(&name, first, None) {
            self.expected
        } else {
            None
        };
        let walk = self.walk(&path, file, start)?;
        let seen = walk
            .last
            .map_or(first.saturating_sub(1), |last| last.sequence);
        let signed = self
            .head
            .as_ref()
            .map_or(0, |(_, head)| head.position.sequence);
        let unsigned = seen.saturating_sub(signed.max(first.saturating_sub(1)));
        self.report.unsigned_events = self.report.unsigned_events.saturating_add(unsigned);
        if unsigned > 0 {
            self.note_late(walk.contents.survey().last_event_time);
        }
        self.expected = walk.last.or(self.expected);
        match walk.trouble {
            Some((_, Trouble::Incomplete)) if is_last && seen >= signed => {
                self.report.has_torn_end = true;
            }
            Some((line, trouble)) => {
                self.report.problem(&name, Some(line), trouble);
                self.forget();
            }
            None => {}
        }
        if !self.files.is_whole && !is_last && signed < seen {
            self.report.problem(&name, None, Trouble::Undigested);
        }
        Ok(())
    }

    fn walk(
        &mut self,
        path: &Path,
        file: File,
        start: Option<Position>,
    ) -> Result<Walk, VerifyError> {
        let watch = self
            .head
            .as_ref()
            .map_or(0, |(_, head)| head.position.sequence);
        let deployment = self.deployment.clone().unwrap_or_default();
        let reader = BufReader::with_capacity(BUFFER_BYTES, file);
        let walk = walk(reader, &deployment, start, &[watch])
            .map_err(|error| VerifyError::Read(path.to_owned(), error))?;
        self.report.add(&walk);
        if let (Some((position, end)), Some((_, head))) = (walk.watched.first(), &self.head) {
            let is_same = (*position, *end) == (head.position, head.length);
            if is_same && self.files.segment(head.segment) == path {
                self.is_head_found = true;
            }
        }
        Ok(walk)
    }
}
