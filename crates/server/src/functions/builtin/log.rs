//! The log of a rotation, in the form that Lambda gives the lines of Python functions.

use base::Clock;
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
        let (moment, id) = (at.to_iso_millis(), &self.request_id);
        let text = format!("[{level}]\t{moment}Z\t{id}\t{line}");
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

/// A step writes about three.
const MOST_LINES: usize = 1_000;
