//! What of a log is kept when it is too long: its beginning and its end.

use crate::ports::LogLine;
use base::Timestamp;

/// The lines that are kept.
pub(super) fn cut(lines: &[LogLine]) -> Vec<(Timestamp, String)> {
    let sizes: usize = lines.iter().map(cost).sum();
    if sizes <= MOST_BYTES && lines.len() <= MOST_LINES {
        return lines.iter().map(kept).collect();
    }
    let head = fitting(lines.iter());
    let after = lines.get(head..).unwrap_or_default();
    let tail = fitting(after.iter().rev());
    let left_out = after.len() - tail;
    let mut events: Vec<(Timestamp, String)> = lines.iter().take(head).map(kept).collect();
    let rest = after.get(left_out..).unwrap_or_default();
    if let Some(at) = after.first().map(|line| line.at).filter(|_| left_out > 0) {
        let message = format!("[{left_out} lines were left out: the log is too long]");
        events.push((at, message));
    }
    events.extend(rest.iter().map(kept));
    events
}

/// How many of `lines` fit into one half.
fn fitting<'a>(lines: impl Iterator<Item = &'a LogLine>) -> usize {
    let mut size = 0;
    lines
        .take(MOST_LINES / 2)
        .take_while(|line| {
            size += cost(line);
            size <= MOST_BYTES / 2
        })
        .count()
}

fn cost(line: &LogLine) -> usize {
    line.text.len().min(LONGEST_LINE) + 26
}

fn kept(line: &LogLine) -> (Timestamp, String) {
    let mut end = line.text.len().min(LONGEST_LINE);
    while !line.text.is_char_boundary(end) {
        end -= 1;
    }
    let message = line.text.get(..end).unwrap_or_default();
    (line.at, message.to_owned())
}

const MOST_BYTES: usize = 256 << 10;
const LONGEST_LINE: usize = 64 << 10;
const MOST_LINES: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(n: usize, text: String) -> LogLine {
        let at = Timestamp::from_millis(i64::try_from(n).unwrap());
        LogLine { at, text }
    }

    #[test]
    fn a_short_log_is_kept_whole() {
        let lines: Vec<LogLine> = (0..10).map(|n| line(n, format!("line {n}"))).collect();

        let kept = cut(&lines);

        assert_eq!(kept.len(), 10);
        assert_eq!(kept[9].1, "line 9");
    }

    #[test]
    fn of_a_long_one_beginning_and_end_are_kept() {
        let lines: Vec<LogLine> = (0..100)
            .map(|n| line(n, format!("{n}:{}", "é".repeat(5_000))))
            .collect();

        let kept = cut(&lines);

        assert!(kept[0].1.starts_with("0:"));
        assert!(kept.last().unwrap().1.starts_with("99:"));
        assert!(
            kept.iter()
                .any(|event| event.1.contains("lines were left out"))
        );
        let size: usize = kept.iter().map(|event| event.1.len()).sum();
        assert!(size <= MOST_BYTES, "{size}");
    }

    proptest! {
        #[test]
        fn what_is_kept_is_bounded_and_in_order(lengths in prop::collection::vec(0_usize..90_000, 0..20)) {
            let lines: Vec<LogLine> =
                lengths.iter().enumerate().map(|(n, length)| line(n, "ß".repeat(*length))).collect();

            let kept = cut(&lines);

            let size: usize = kept.iter().map(|event| event.1.len()).sum();
            prop_assert!(size <= MOST_BYTES + 200);
            prop_assert!(kept.is_sorted_by_key(|event| event.0));
        }
    }
}
