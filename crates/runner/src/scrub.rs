//! Takes the values of secrets out of text.
//!
//! A value is found as it is, in the escapes of JSON, of Python and of URLs, in base64 at every
//! alignment, in hexadecimal, and line by line. A secret that is a JSON document is also found by
//! each of its strings and numbers, but for those that say where a database is.
//!
//! What a function hides on purpose, for example by reversing it, is not found: the role's
//! permissions decide what a function can tell, and this only keeps accidents out of logs.

mod forms;

use base::Plaintext;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use zeroize::Zeroizing;

/// What is taken out of text.
pub struct Scrubber {
    /// What is looked for, by its first four bytes.
    needles: HashMap<[u8; LEAST], Vec<Zeroizing<Vec<u8>>>>,
    longest: usize,
    /// Whether there were too many values to look for.
    overwhelmed: bool,
}

impl Scrubber {
    /// Looks for every one of `secrets` in all forms. Values of fewer than four bytes would hit
    /// everywhere and are left.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Plaintext>) -> Self {
        let mut scrubber = Self {
            needles: HashMap::new(),
            longest: 0,
            overwhelmed: false,
        };
        let mut count = 0_usize;
        for secret in secrets {
            for needle in forms::of(secret.expose()) {
                count = count.saturating_add(1);
                if count > MOST_NEEDLES {
                    scrubber.overwhelmed = true;
                    return scrubber;
                }
                scrubber.add(needle);
            }
        }
        scrubber
    }

    /// The longest text that is looked for.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Whether there was too much to look for, so that no text may be shown.
    pub(crate) fn is_overwhelmed(&self) -> bool {
        self.overwhelmed
    }

    /// Where secrets are in `text`: in order, apart from each other.
    pub(crate) fn found(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for (start, window) in text.windows(LEAST).enumerate() {
            let Some(needles) = window
                .try_into()
                .ok()
                .and_then(|key: [u8; LEAST]| self.needles.get(&key))
            else {
                continue;
            };
            let rest = text.get(start..).unwrap_or_default();
            let longest = needles.iter().find(|needle| rest.starts_with(needle));
            let Some(needle) = longest else { continue };
            let end = start.saturating_add(needle.len());
            match found.last_mut() {
                Some(last) if last.end >= start => last.end = last.end.max(end),
                _ => found.push(start..end),
            }
        }
        found
    }

    /// `text` without secrets.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.overwhelmed {
            return Cow::Borrowed(WITHHELD);
        }
        let found = self.found(text.as_bytes());
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut kept = Vec::with_capacity(text.len());
        let mut from = 0;
        for range in found {
            kept.extend_from_slice(text.as_bytes().get(from..range.start).unwrap_or_default());
            kept.extend_from_slice(REDACTED.as_bytes());
            from = range.end;
        }
        kept.extend_from_slice(text.as_bytes().get(from..).unwrap_or_default());
        // A form may begin inside of a character.
        Cow::Owned(String::from_utf8_lossy(&kept).into_owned())
    }

    fn add(&mut self, needle: Zeroizing<Vec<u8>>) {
        let Some(key) = needle.first_chunk::<LEAST>() else {
            return;
        };
        self.longest = self.longest.max(needle.len());
        let others = self.needles.entry(*key).or_default();
        // The longest first: whatever else begins here ends within it.
        let place = others.partition_point(|other| other.len() > needle.len());
        if others.get(place).is_none_or(|other| *other != needle) {
            others.insert(place, needle);
        }
    }
}

/// What stands in the place of a secret.
pub(crate) const REDACTED: &str = "***";
/// What stands in the place of everything when there is too much to look for.
pub(crate) const WITHHELD: &str =
    "withheld: the secret has more values than can be taken out of a text";

const LEAST: usize = 4;
const MOST_NEEDLES: usize = 20_000;

#[cfg(test)]
mod tests;
