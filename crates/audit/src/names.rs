//! What the files of a log are called.

/// The statement that the log begins with.
pub const BEGINNING: &str = "beginning.json";
/// The statement of where the log ends.
pub const HEAD: &str = "head.json";
/// The statement of what was deleted because of its age.
pub const RETENTION: &str = "retention.json";
/// The key that verifies the statements.
pub const PUBLIC_KEY: &str = "public-key.pem";
/// The log as it was before there were segments.
pub const HISTORY: &str = "audit.log";

/// A file of a log, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileName {
    /// The segment whose first line has this number.
    Segment(u64),
    /// What was lost from this number on.
    Loss(u64),
    /// What a closed segment holds, by the number of its first line.
    Digest(u64),
    /// The index of the segment whose first line has this number.
    Index(u64),
    /// Another key signs from this number on.
    Key(u64),
    /// A public key that signs no more, or the one that does.
    PublicKey,
}

impl FileName {
    /// Reads the name of a file. `None` for those that there is one of, and for others.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name.starts_with("public-key") && name.ends_with(".pem") {
            return Some(Self::PublicKey);
        }
        let (digits, kind) = name.split_once('.')?;
        if digits.len() != DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let first = digits.parse().ok()?;
        match kind {
            "index" => Some(Self::Index(first)),
            "log" => Some(Self::Segment(first)),
            "key.json" => Some(Self::Key(first)),
            "loss.json" => Some(Self::Loss(first)),
            "digest.json" => Some(Self::Digest(first)),
            _ => None,
        }
    }

    /// The name of the segment that begins with the line `first`.
    #[must_use]
    pub fn segment(first: u64) -> String {
        format!("{first:0DIGITS$}.log")
    }

    /// The name of that segment's index.
    #[must_use]
    pub fn index(first: u64) -> String {
        format!("{first:0DIGITS$}.index")
    }

    /// The name of that segment's digest.
    #[must_use]
    pub fn digest(first: u64) -> String {
        format!("{first:0DIGITS$}.digest.json")
    }

    /// The name of the statement that another key signs from the line `first` on.
    #[must_use]
    pub fn key(first: u64) -> String {
        format!("{first:0DIGITS$}.key.json")
    }

    /// The event that the statement called `name` stands for: its key is to be the one of that event.
    /// `None`: it is of no one event, but of the log as it is now.
    #[must_use]
    pub fn event_of(name: &str) -> Option<u64> {
        match Self::parse(name) {
            Some(Self::Digest(first) | Self::Loss(first)) => Some(first),
            // The last that a key signs.
            Some(Self::Key(first)) => Some(first.saturating_sub(1)),
            Some(Self::Segment(_) | Self::Index(_) | Self::PublicKey) => None,
            None => (name == BEGINNING).then_some(0),
        }
    }

    /// The name of the statement that the lines from `first` on are lost.
    #[must_use]
    pub fn loss(first: u64) -> String {
        format!("{first:0DIGITS$}.loss.json")
    }
}

const DIGITS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        assert_eq!(FileName::segment(17), "00000000000000000017.log");
        for (name, file) in [
            (FileName::segment(17), FileName::Segment(17)),
            (FileName::digest(u64::MAX), FileName::Digest(u64::MAX)),
            (FileName::loss(3), FileName::Loss(3)),
            (FileName::key(6), FileName::Key(6)),
        ] {
            assert_eq!(FileName::parse(&name), Some(file));
        }
        let of = |name: &str| FileName::event_of(name);
        assert_eq!(
            [of(&FileName::digest(9)), of(&FileName::key(9))],
            [Some(9), Some(8)]
        );
        assert_eq!(
            [of(BEGINNING), of(HEAD), of(RETENTION)],
            [Some(0), None, None]
        );
        for name in ["17.log", "audit.log", "+0000000000000000017.log", "x", ""] {
            assert_eq!(FileName::parse(name), None, "{name}");
        }
    }
}
