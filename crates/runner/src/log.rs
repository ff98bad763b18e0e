//! What a function writes, and what of it is kept.

use crate::execution::LogLine;
use crate::scrub::{REDACTED, Scrubber, WITHHELD};
use base::{Clock, Timestamp};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;
use zeroize::Zeroizing;

/// The bytes that a function has written so far, with the times at which they came.
pub(crate) struct Capture {
    clock: Arc<dyn Clock>,
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    raw: Zeroizing<Vec<u8>>,
    /// Where in `raw` each piece begins, and when it came.
    arrivals: Vec<(usize, Timestamp)>,
    cut: bool,
}

impl Capture {
    /// Keeps the first `most` bytes.
    pub(crate) fn new(clock: Arc<dyn Clock>, most: usize) -> Self {
        let kept = Kept {
            raw: Zeroizing::new(Vec::with_capacity(most)),
            ..Kept::default()
        };
        Self {
            clock,
            most,
            kept: Mutex::new(kept),
        }
    }

    /// Reads until nobody can write any more. What exceeds the limit is read as well, so that the
    /// function does not wait for ever.
    pub(crate) async fn fill(&self, mut from: Receiver) {
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        while let Ok(count @ 1..) = from.read(&mut piece).await {
            self.push(piece.get(..count).unwrap_or_default());
        }
    }

    fn push(&self, piece: &[u8]) {
        let now = self.clock.now();
        let mut kept = self.kept.lock();
        let room = self.most.saturating_sub(kept.raw.len());
        kept.cut |= piece.len() > room;
        let piece = piece.get(..room).unwrap_or(piece);
        if !piece.is_empty() {
            let start = kept.raw.len();
            kept.arrivals.push((start, now));
            kept.raw.extend_from_slice(piece);
        }
    }

    /// The lines, without secrets, of which at most `most_lines` are kept.
    pub(crate) fn lines(&self, scrubber: &Scrubber, most_lines: usize) -> Vec<LogLine> {
        let kept = std::mem::take(&mut *self.kept.lock());
        let now = self.clock.now();
        let note = |text: String| LogLine {
            timestamp: now,
            text,
        };
        if scrubber.is_overwhelmed() {
            return vec![note(String::from(WITHHELD))];
        }
        let mut lines = Lines::new(&kept, scrubber, most_lines).collect();
        let too_many = lines.len() > most_lines;
        lines.truncate(most_lines);
        if kept.cut || too_many {
            lines.push(note(format!(
                "the log was cut here: of an invocation, {} bytes and {most_lines} lines are kept",
                self.most
            )));
        }
        lines
    }
}

/// Splits what was kept into lines and takes the secrets out.
///
/// INVARIANT: secrets are found before anything is split or cut, so that no line break and no limit
/// hides a part of one.
struct Lines<'a> {
    kept: &'a Kept,
    scrubber: &'a Scrubber,
    most: usize,
    lines: Vec<LogLine>,
    line: Vec<u8>,
    /// Where in the raw bytes the line begins.
    start: usize,
}

impl<'a> Lines<'a> {
    fn new(kept: &'a Kept, scrubber: &'a Scrubber, most: usize) -> Self {
        Self {
            kept,
            scrubber,
            most,
            lines: Vec::new(),
            line: Vec::new(),
            start: 0,
        }
    }

    fn collect(mut self) -> Vec<LogLine> {
        let mut raw = self.kept.raw.as_slice();
        if self.kept.cut {
            // SECURITY: the end may be the beginning of a secret.
            let sure = raw.len().saturating_sub(self.scrubber.longest());
            raw = raw.get(..sure).unwrap_or_default();
        }
        let found = self.scrubber.found(&self.kept.raw);
        let mut from = 0;
        for range in found {
            self.plain(raw, from, range.start);
            if range.start < raw.len() {
                self.line.extend_from_slice(REDACTED.as_bytes());
            }
            from = range.end;
        }
        self.plain(raw, from, raw.len());
        if !self.line.is_empty() {
            self.end(raw.len());
        }
        self.lines
    }

    /// Takes over `raw[from..to]`, in which there is no secret.
    fn plain(&mut self, raw: &[u8], from: usize, to: usize) {
        let to = to.min(raw.len());
        for (offset, byte) in raw.get(from..to).unwrap_or_default().iter().enumerate() {
            let next = from.saturating_add(offset).saturating_add(1);
            if *byte == b'\n' {
                self.end(next);
                continue;
            }
            self.line.push(*byte);
            if self.line.len() >= LONGEST_LINE {
                self.end(next);
            }
        }
    }

    fn end(&mut self, next: usize) {
        if self.lines.len() <= self.most {
            // Python's runtime client writes the lines of one message apart by `\r`.
            let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
            let text = readable(&String::from_utf8_lossy(line));
            let timestamp = self.arrival(self.start);
            self.lines.push(LogLine { timestamp, text });
        }
        self.line.clear();
        self.start = next;
    }

    fn arrival(&self, at: usize) -> Timestamp {
        let arrivals = &self.kept.arrivals;
        let after = arrivals.partition_point(|(start, _)| *start <= at);
        arrivals
            .get(after.saturating_sub(1))
            .map_or(Timestamp::from_millis(0), |(_, when)| *when)
    }
}

/// `text` without controls but for tabs and the ends of lines.
///
/// SECURITY: logs and errors are read on terminals, which obey controls.
pub fn readable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\r' => '\n',
            kept @ ('\t' | '\n') => kept,
            control if control.is_control() => char::REPLACEMENT_CHARACTER,
            other => other,
        })
        .collect()
}

const PIECE: usize = 16 << 10;
/// The largest event that CloudWatch Logs keeps whole.
const LONGEST_LINE: usize = 256 << 10;

#[cfg(test)]
mod tests;
