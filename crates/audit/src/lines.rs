//! Lines of a file of any length, one at a time.

use std::io::{self, BufRead};

/// A line, and where it stands.
#[derive(Debug)]
pub struct Line<'a> {
    /// The line with its newline, if it has one.
    pub bytes: &'a [u8],
    /// The first line of a file has 1.
    pub number: u64,
    /// How many bytes of the file there are up to the line's end.
    pub end: u64,
}

/// Reads lines.
pub struct Lines<R> {
    from: R,
    line: Vec<u8>,
    number: u64,
    end: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `from`.
    pub const fn new(from: R) -> Self {
        Self {
            from,
            line: Vec::new(),
            number: 0,
            end: 0,
        }
    }

    /// The next line. One that is longer than [`MOST_LINE_BYTES`] comes in pieces without newline.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut limited = io::Read::take(&mut self.from, MOST_LINE_BYTES);
        let taken = limited.read_until(b'\n', &mut self.line)?;
        if taken == 0 {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        self.end = self.end.saturating_add(taken as u64);
        Ok(Some(Line {
            bytes: &self.line,
            number: self.number,
            end: self.end,
        }))
    }
}

/// No event is longer.
pub const MOST_LINE_BYTES: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_with_their_place() {
        let mut lines = Lines::new(b"a\nbc\nd".as_slice());
        let mut seen = Vec::new();

        while let Some(line) = lines.next_line().unwrap() {
            seen.push((line.bytes.to_vec(), line.number, line.end));
        }

        let expected = [("a\n", 1, 2), ("bc\n", 2, 5), ("d", 3, 6)];
        assert_eq!(
            seen,
            expected.map(|(text, number, end)| (text.as_bytes().to_vec(), number, end))
        );
    }
}
