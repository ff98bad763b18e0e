//! Going through a segment line by line.

use crate::chain::{Chain, ChainedLine, Position};
use crate::contents::{Contents, Survey};
use crate::lines::{Line, Lines};
use crate::statement::StatementError;
use std::io::{self, BufRead};

/// What is wrong with a file of a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// A line without the member.
    #[error("the line has no chain member, or not in its form")]
    NotChained,
    /// A line whose hash is not of it.
    #[error("event {0} or its hash was changed")]
    Edited(u64),
    /// Lines that are not there.
    #[error("events {0} to {1} are missing")]
    Missing(u64, u64),
    /// A line that belongs further up, or that is there twice.
    #[error("event {found} stands where event {expected} should")]
    OutOfOrder {
        /// What the line says of itself.
        found: u64,
        /// What it should say.
        expected: u64,
    },
    /// A last line without its newline.
    #[error("the last line is not whole")]
    Incomplete,
    /// Lines are missing at the end.
    #[error("it ends with event {found}, and went on to event {expected}")]
    EndsEarly {
        /// The last one there is.
        found: u64,
        /// The last one there was.
        expected: u64,
    },
    /// Lines were added at the end.
    #[error("it goes on after event {0}, which was its last")]
    GoesOn(u64),
    /// Another hash than the signed one.
    #[error("event {0} is not the one that was signed")]
    NotTheSigned(u64),
    /// A file that should be there.
    #[error("the file is missing")]
    Removed,
    /// A file that should not be there.
    #[error("no statement knows of this file")]
    Unexpected,
    /// An older statement in the place of a newer one.
    #[error(
        "it is older than `{0}`: an older one was put in its place, or the server died before it \
         wrote the next"
    )]
    Outdated(String),
    /// A segment that should have a digest.
    #[error("no digest closes it, and later events stand in other files")]
    Undigested,
    /// A link, a pipe, a directory.
    #[error("it is not a regular file")]
    NotAFile,
    /// A file that is not what it was.
    #[error("the file is not what it was")]
    Changed,
    /// A statement that cannot be believed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A statement of something else than its name says.
    #[error("it is a statement of something else")]
    Misplaced,
    /// A statement of somebody else's log.
    #[error("it is of the log of another deployment, `{0}`")]
    OtherDeployment(String),
    /// A statement before it is not there.
    #[error("the statement before it is missing or was changed")]
    Disconnected,
}

/// What was found on the way through a segment.
#[derive(Debug, Default)]
pub struct Walk {
    /// The last line that is as it was.
    pub last: Option<Position>,
    /// What there is up to that line's end.
    pub contents: Contents,
    /// How many lines are as they were.
    pub events: u64,
    /// The first problem, and the number of its line in the file.
    pub trouble: Option<(u64, Trouble)>,
    /// The lines that were looked for, and how many bytes there are up to their ends.
    pub watched: Vec<(Position, u64)>,
}

/// Goes through `from`, a segment of `deployment`'s log, up to its end or the first problem. The
/// line before its first is `start`; without one, the first line is taken as it is. Looks for the
/// lines with the numbers `watch`.
pub fn walk(
    from: impl BufRead,
    deployment: &str,
    start: Option<Position>,
    watch: &[u64],
) -> io::Result<Walk> {
    let mut chain = start.map(|start| Chain::after(deployment, start));
    let mut walk = Walk::default();
    let mut lines = Lines::new(from);
    while let Some(line) = lines.next_line()? {
        let position = match taken(&line, deployment, &mut chain) {
            Ok(position) => position,
            Err(trouble) => {
                walk.trouble = Some((line.number, trouble));
                break;
            }
        };
        if watch.contains(&position.sequence) {
            walk.watched.push((position, line.end));
        }
        walk.last = Some(position);
        walk.contents.add(line.bytes);
        walk.events = walk.events.saturating_add(1);
    }
    Ok(walk)
}

fn taken(
    line: &Line<'_>,
    deployment: &str,
    chain: &mut Option<Chain>,
) -> Result<Position, Trouble> {
    if line.bytes.last() != Some(&b'\n') {
        return Err(Trouble::Incomplete);
    }
    let parsed = ChainedLine::parse(line.bytes).ok_or(Trouble::NotChained)?;
    let Some(chain) = chain else {
        *chain = Some(Chain::after(deployment, parsed.position));
        return Ok(parsed.position);
    };
    let expected = chain.position().sequence.saturating_add(1);
    let found = parsed.position.sequence;
    if found > expected {
        return Err(Trouble::Missing(expected, found.saturating_sub(1)));
    }
    if found < expected {
        return Err(Trouble::OutOfOrder { found, expected });
    }
    if !chain.accept(&parsed) {
        return Err(Trouble::Edited(expected));
    }
    Ok(parsed.position)
}

/// Reads all of `from`.
pub fn survey(from: impl BufRead) -> io::Result<Survey> {
    let mut lines = Lines::new(from);
    let mut contents = Contents::default();
    while let Some(line) = lines.next_line()? {
        contents.add(line.bytes);
    }
    Ok(contents.survey())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPLOYMENT: &str = "111122223333";

    fn lines(count: u64) -> Vec<Vec<u8>> {
        let mut chain = Chain::after(DEPLOYMENT, Position::beginning(DEPLOYMENT, None));
        let line = |n| {
            let mut line = Vec::new();
            let event = format!(r#"{{"eventTime":"2026-01-01T00:00:0{n}Z"}}"#);
            chain.append(event.as_bytes(), &mut line).unwrap();
            line
        };
        (0..count).map(line).collect()
    }

    fn walked(lines: &[&[u8]]) -> Walk {
        let start = Position::beginning(DEPLOYMENT, None);
        walk(lines.concat().as_slice(), DEPLOYMENT, Some(start), &[2]).unwrap()
    }

    #[test]
    fn a_whole_segment_is_gone_through() {
        let lines = lines(3);

        let walk = walked(&[&lines[0], &lines[1], &lines[2]]);

        assert_eq!(walk.trouble, None);
        assert_eq!((walk.events, walk.last.unwrap().sequence), (3, 3));
        let survey = walk.contents.survey();
        assert_eq!(survey.length, lines.concat().len() as u64);
        assert_eq!(survey.sha256, crate::Hash::of(&lines.concat()));
        let end_of_second = lines[0].len() + lines[1].len();
        assert_eq!(walk.watched[0].1, end_of_second as u64);
        assert_eq!(survey.first_event_time.unwrap(), "2026-01-01T00:00:00Z");
        assert_eq!(survey.last_event_time.unwrap(), "2026-01-01T00:00:02Z");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let lines = lines(4);
        let edited = { String::from_utf8(lines[1].clone()).unwrap() }.replace("01Z", "09Z");
        let of = |lines: &[&[u8]]| walked(lines).trouble;

        let [a, b, c, d] = [&lines[0], &lines[1], &lines[2], &lines[3]];
        assert_eq!(of(&[a, edited.as_bytes()]), Some((2, Trouble::Edited(2))));
        assert_eq!(of(&[a, d]), Some((2, Trouble::Missing(2, 3))));
        assert_eq!(of(&[a, c, b]), Some((2, Trouble::Missing(2, 2))));
        let (found, expected) = (2, 3);
        assert_eq!(
            of(&[a, b, b]),
            Some((3, Trouble::OutOfOrder { found, expected }))
        );
        assert_eq!(of(&[a, b"{}\n"]), Some((2, Trouble::NotChained)));
        assert_eq!(of(&[a, &b[..20]]), Some((2, Trouble::Incomplete)));
    }
}
