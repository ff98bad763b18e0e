use super::*;
use base::Plaintext;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that is a second later each time.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_000 * self.0.fetch_add(1, Ordering::Relaxed))
    }
}

fn capture(most: usize) -> Capture {
    Capture::new(Arc::new(Ticking(AtomicI64::new(1))), most)
}

fn scrubber(secret: &str) -> Scrubber {
    Scrubber::new(&[Plaintext::from(secret.to_owned())])
}

fn texts(capture: &Capture, secret: &str, most_lines: usize) -> Vec<String> {
    let lines = capture.lines(&scrubber(secret), most_lines);
    lines.into_iter().map(|line| line.text).collect()
}

#[test]
fn a_line_has_the_time_of_its_first_byte() {
    let capture = capture(1_000);
    for piece in ["one\ntw", "o", "\nthree"] {
        capture.push(piece.as_bytes());
    }

    let lines = capture.lines(&scrubber("nothing"), 10);

    let line = |seconds: i64, text: &str| LogLine {
        timestamp: Timestamp::from_millis(seconds * 1_000),
        text: text.to_owned(),
    };
    assert_eq!(lines, [line(1, "one"), line(1, "two"), line(3, "three")]);
}

#[test]
fn a_secret_over_several_pieces_and_lines_is_taken_out() {
    let capture = capture(1_000);
    for piece in ["key: first\nse", "cond\nthird!\nend"] {
        capture.push(piece.as_bytes());
    }

    let lines = texts(&capture, "first\nsecond\nthird", 10);

    assert_eq!(lines, ["key: ***!", "end"]);
}

#[test]
fn a_cut_shows_no_beginning_of_a_secret() {
    let capture = capture(60);
    capture.push(&[&[b'.'; 55][..], b"hunter-two and more"].concat());

    let lines = texts(&capture, "hunter-two", 10);

    assert!(lines.iter().all(|line| !line.contains("hun")), "{lines:?}");
    assert!(lines[0].starts_with("...."), "{lines:?}");
    assert!(lines[1].starts_with("the log was cut here"), "{lines:?}");
}

#[test]
fn lines_past_the_limit_are_cut_with_a_note() {
    let capture = capture(1_000);
    capture.push(b"a\nb\nc\nd\n");

    let lines = texts(&capture, "nothing", 2);

    assert_eq!(lines[..2], ["a", "b"]);
    assert_eq!(
        lines[2],
        "the log was cut here: of an invocation, 1000 bytes and 2 lines are kept"
    );
    assert_eq!(lines.len(), 3);
}

#[test]
fn exactly_the_limit_is_not_cut() {
    let capture = capture(4);
    capture.push(b"a\nb\n");

    assert_eq!(texts(&capture, "nothing", 2), ["a", "b"]);
}

#[test]
fn what_is_no_text_is_replaced() {
    let capture = capture(1_000);
    capture.push(b"a\xff\x00\x1b[31mb\r\nfirst\rsecond\n");

    assert_eq!(
        texts(&capture, "nothing", 10),
        ["a\u{fffd}\u{fffd}\u{fffd}[31mb", "first\nsecond"]
    );
}

#[test]
fn a_line_without_end_is_split() {
    let capture = capture(1 << 20);
    capture.push(&vec![b'x'; LONGEST_LINE + 5]);

    let lengths: Vec<usize> = texts(&capture, "nothing", 10)
        .iter()
        .map(String::len)
        .collect();

    assert_eq!(lengths, [LONGEST_LINE, 5]);
}
