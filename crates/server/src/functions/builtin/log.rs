//! The log of a rotation, in the form that Lambda gives the lines of Python functions.

use base::{Clock, Timestamp};
use parking_lot::Mutex;
use rotators::Log;
use services::ports::LogLine;
use std::sync::Arc;

/// Lines, as they were written.
pub(super) struct Lines {
    request_id: String,
    clock: Arc<dyn Clock>,
    written: Mutex<Vec<LogLine>>,
}

impl Lines {
    pub(super) fn new(request_id: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            request_id: request_id.to_owned(),
            clock,
            written: Mutex::default(),
        }
    }

    /// What was written until now.
    pub(super) fn take(&self) -> Vec<LogLine> {
        std::mem::take(&mut self.written.lock())
    }

    fn write(&self, level: &str, line: &str) {
        let at = self.clock.now();
        let text = format!("[{level}]\t{}\t{}\t{line}", to_millis(at), self.request_id);
        let mut written = self.written.lock();
        if written.len() < MOST_LINES {
            written.push(LogLine { at, text });
        }
    }
}

impl Log for Lines {
    fn info(&self, line: &str) {
        self.write("INFO", line);
    }

    fn error(&self, line: &str) {
        self.write("ERROR", line);
    }
}

/// `2026-01-15T12:00:00.007Z`
fn to_millis(at: Timestamp) -> String {
    let iso = at.to_iso();
    let millis = at.as_millis().rem_euclid(1_000);
    format!("{}.{millis:03}Z", iso.trim_end_matches('Z'))
}

/// A step writes about three.
const MOST_LINES: usize = 1_000;
