//! The chain: every line carries its number and a hash over itself and the line before.
//!
//! A line is the event's JSON object with one more member, its last:
//!
//! ```text
//! {"eventVersion":"1.08",…,"chain":{"sequence":17,"hash":"<base64>"}}
//! ```
//!
//! The hash of line n is SHA-256 over [`DOMAIN`], the deployment with its length, n, the hash of
//! line n-1 and the event as it was without the member.
//!
//! INVARIANT: from a line one can tell the event's bytes in one way only: how the member is written
//! and whether a comma stands before it follows from the event and n. So every byte counts.

use crate::hash::{HASH_TEXT_BYTES, Hash, Hasher};
use crate::statement::History;
use serde::{Deserialize, Serialize};

/// A line of the log by its number, and the hash of everything up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The line's number. The first of a log has 1.
    pub sequence: u64,
    /// The line's hash.
    pub hash: Hash,
}

impl Position {
    /// Where the log of `deployment` begins, if `history` is what it had before it was chained.
    #[must_use]
    pub fn beginning(deployment: &str, history: Option<&History>) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(BEGINNING_DOMAIN);
        hasher.update(&(deployment.len() as u64).to_be_bytes());
        hasher.update(deployment.as_bytes());
        if let Some(history) = history {
            hasher.update(&history.length.to_be_bytes());
            hasher.update(history.sha256.as_bytes());
        }
        Self {
            sequence: 0,
            hash: hasher.finish(),
        }
    }
}

/// The event is not the text of a JSON object.
#[derive(Debug, thiserror::Error)]
#[error("the event is not a JSON object")]
pub struct NotAnObject;

/// Chains events.
#[derive(Clone)]
pub struct Chain {
    /// Domain and deployment.
    prefix: Vec<u8>,
    position: Position,
}

impl Chain {
    /// The chain of `deployment` after the line at `position`.
    #[must_use]
    pub fn after(deployment: &str, position: Position) -> Self {
        let mut prefix = DOMAIN.to_vec();
        prefix.extend_from_slice(&(deployment.len() as u64).to_be_bytes());
        prefix.extend_from_slice(deployment.as_bytes());
        Self { prefix, position }
    }

    /// The last line.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Goes back, or on, to the line at `position`.
    pub const fn set(&mut self, position: Position) {
        self.position = position;
    }

    /// Writes `event` at the end of `out` as the next line.
    pub fn append(&mut self, event: &[u8], out: &mut Vec<u8>) -> Result<(), NotAnObject> {
        let inner = event.strip_suffix(b"}").ok_or(NotAnObject)?;
        if inner.first() != Some(&b'{') {
            return Err(NotAnObject);
        }
        let next = self.next(&[event]);
        out.extend_from_slice(inner);
        if !is_blank_object(inner) {
            out.push(b',');
        }
        write_member(&next, out);
        out.extend_from_slice(b"}\n");
        self.position = next;
        Ok(())
    }

    /// Takes `line` as the next one. `false`, and nothing is taken, when it is not.
    pub fn accept(&mut self, line: &ChainedLine<'_>) -> bool {
        let next = self.next(&[line.inner, b"}"]);
        let is_next = next == line.position;
        if is_next {
            self.position = next;
        }
        is_next
    }

    fn next(&self, event: &[&[u8]]) -> Position {
        let sequence = self.position.sequence.saturating_add(1);
        let mut hasher = Hasher::default();
        hasher.update(&self.prefix);
        hasher.update(&sequence.to_be_bytes());
        hasher.update(self.position.hash.as_bytes());
        for part in event {
            hasher.update(part);
        }
        Position {
            sequence,
            hash: hasher.finish(),
        }
    }
}

/// A line in its parts. Whether its hash is right is for [`Chain::accept`] to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainedLine<'a> {
    /// The event without its last `}`.
    inner: &'a [u8],
    /// What the line says of itself.
    pub position: Position,
}

impl<'a> ChainedLine<'a> {
    /// Takes `line` apart, which ends with its newline. `None` when it has no such member in the one
    /// form that [`Chain::append`] writes.
    #[must_use]
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let rest = line.strip_suffix(AFTER_HASH)?;
        let (rest, hash) = rest.split_at_checked(rest.len().checked_sub(HASH_TEXT_BYTES)?)?;
        let hash = Hash::parse(hash)?;
        let rest = rest.strip_suffix(BEFORE_HASH)?;
        let digits = rest.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (rest, digits) = rest.split_at_checked(rest.len().checked_sub(digits)?)?;
        let sequence = number(digits)?;
        let before = rest.strip_suffix(BEFORE_SEQUENCE)?;
        let inner = match before.strip_suffix(b",") {
            Some(inner) if !is_blank_object(inner) => inner,
            None if is_blank_object(before) => before,
            _ => return None,
        };
        (inner.first() == Some(&b'{')).then_some(Self {
            inner,
            position: Position { sequence, hash },
        })
    }

    /// The event as it was without the member.
    #[must_use]
    pub fn event(&self) -> Vec<u8> {
        [self.inner, b"}"].concat()
    }
}

/// Whether `inner`, an object without its end, has no member.
fn is_blank_object(inner: &[u8]) -> bool {
    inner
        .strip_prefix(b"{")
        .is_some_and(|inside| inside.iter().all(u8::is_ascii_whitespace))
}

fn write_member(position: &Position, out: &mut Vec<u8>) {
    out.extend_from_slice(BEFORE_SEQUENCE);
    out.extend_from_slice(position.sequence.to_string().as_bytes());
    out.extend_from_slice(BEFORE_HASH);
    position.hash.write(out);
    out.extend_from_slice(b"\"}");
}

/// A number as it is written, without leading zeros.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.first() == Some(&b'0') && digits.len() > 1 {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

const DOMAIN: &[u8] = b"strongroom audit chain 1\0";
const BEGINNING_DOMAIN: &[u8] = b"strongroom audit beginning 1\0";
const BEFORE_SEQUENCE: &[u8] = b"\"chain\":{\"sequence\":";
const BEFORE_HASH: &[u8] = b",\"hash\":\"";
const AFTER_HASH: &[u8] = b"\"}}\n";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain() -> Chain {
        let deployment = "111122223333";
        Chain::after(deployment, Position::beginning(deployment, None))
    }

    fn appended(chain: &mut Chain, event: &str) -> String {
        let mut out = Vec::new();
        chain.append(event.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_is_the_event_with_one_more_member() {
        let mut chain = chain();

        let first = appended(&mut chain, r#"{"a":1}"#);
        let second = appended(&mut chain, "{ }");

        let hash = chain.position().hash;
        assert!(first.starts_with(r#"{"a":1,"chain":{"sequence":1,"hash":""#));
        assert_eq!(
            second,
            format!("{{ \"chain\":{{\"sequence\":2,\"hash\":\"{hash}\"}}}}\n")
        );
        for line in [first, second] {
            serde_json::from_str::<serde_json::Value>(&line).unwrap();
        }
    }

    #[test]
    fn a_hash_is_over_what_the_documentation_says() {
        let mut chain = chain();
        let before = chain.position();

        appended(&mut chain, r#"{"a":1}"#);

        let mut said = b"strongroom audit chain 1\0".to_vec();
        said.extend_from_slice(&12_u64.to_be_bytes());
        said.extend_from_slice(b"111122223333");
        said.extend_from_slice(&1_u64.to_be_bytes());
        said.extend_from_slice(before.hash.as_bytes());
        said.extend_from_slice(br#"{"a":1}"#);
        assert_eq!(chain.position().hash, Hash::of(&said));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for event in ["", "{", "}", "[]", "1", "{}\n"] {
            let refused = chain().append(event.as_bytes(), &mut Vec::new());
            assert!(refused.is_err(), "{event:?}");
        }
    }

    #[test]
    fn a_member_inside_a_string_is_not_the_lines_own() {
        let mut chain = chain();
        let before = chain.clone();
        let event = r#"{"x":"\"chain\":{\"sequence\":1,\"hash\":\"AAA\"}}"}"#;

        let line = appended(&mut chain, event);

        let parsed = ChainedLine::parse(line.as_bytes()).unwrap();
        assert!({ before }.accept(&parsed));
        assert_eq!(ChainedLine::parse(format!("{event}\n").as_bytes()), None);
    }

    #[test]
    fn logs_of_two_deployments_or_histories_begin_differently() {
        let history = History {
            length: 0,
            sha256: Hash::of(b""),
        };

        let one = Position::beginning("a", None);

        assert_ne!(one, Position::beginning("b", None));
        assert_ne!(one, Position::beginning("a", Some(&history)));
    }

    proptest! {
        #[test]
        fn a_line_with_another_bit_is_not_taken(text in "[ -~]{0,40}", at in any::<prop::sample::Index>(), bit in 0..8) {
            let before = chain();
            let event = serde_json::json!({ "text": text }).to_string();
            let mut line = appended(&mut before.clone(), &event).into_bytes();

            let whole = ChainedLine::parse(&line).is_some_and(|line| before.clone().accept(&line));
            let at = at.index(line.len());
            line[at] ^= 1_u8 << bit;
            let edited = ChainedLine::parse(&line).is_some_and(|line| before.clone().accept(&line));

            prop_assert!(whole && !edited);
        }

        #[test]
        fn any_text_can_be_taken_apart(line in prop::collection::vec(any::<u8>(), 0..120)) {
            let mut tailed = line.clone();
            tailed.extend_from_slice(AFTER_HASH);

            prop_assert!(ChainedLine::parse(&line).is_none());
            prop_assert!(ChainedLine::parse(&tailed).is_none());
        }
    }
}
