//! Filters of ListSecrets and BatchGetSecretValue: pure matching.
//!
//! Behaviour reference §11.2. Filters are joined by AND, the values inside one by OR, and a value
//! that begins with `!` is inverted by itself.

use super::model::Secret;
use std::cell::OnceCell;

/// One filter, ready to match.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    key: FilterKey,
    values: Vec<Wanted>,
}

/// What part of a secret a filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterKey {
    All,
    Description,
    Name,
    OwningService,
    PrimaryRegion,
    TagKey,
    TagValue,
}

#[derive(Clone, Debug)]
struct Wanted {
    text: String,
    words: Vec<String>,
    inverted: bool,
}

impl FilterKey {
    /// The key by its name on the wire.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "all" => Self::All,
            "description" => Self::Description,
            "name" => Self::Name,
            "owning-service" => Self::OwningService,
            "primary-region" => Self::PrimaryRegion,
            "tag-key" => Self::TagKey,
            "tag-value" => Self::TagValue,
            _ => return None,
        })
    }
}

impl Filter {
    /// A filter on `key` for any of `values`.
    pub(crate) fn new(key: FilterKey, values: &[String]) -> Self {
        Self {
            key,
            values: values.iter().map(|value| Wanted::parse(value)).collect(),
        }
    }

    /// Whether the secret passes.
    pub(crate) fn accepts(&self, seen: &Seen<'_>) -> bool {
        self.values
            .iter()
            .any(|wanted| self.matches(wanted, seen) != wanted.inverted)
    }

    /// The prefix that every matching name has, when this filter alone can tell.
    pub(crate) fn name_prefix(&self) -> Option<&str> {
        match (self.key, self.values.as_slice()) {
            (FilterKey::Name, [only]) if !only.inverted => Some(&only.text),
            _ => None,
        }
    }

    fn matches(&self, wanted: &Wanted, seen: &Seen<'_>) -> bool {
        let (secret, text) = (seen.secret, wanted.text.as_str());
        match self.key {
            FilterKey::Name => secret.name.starts_with(text),
            FilterKey::TagKey => secret.tags().any(|(key, _)| key.starts_with(text)),
            FilterKey::TagValue => secret.tags().any(|(_, value)| value.starts_with(text)),
            FilterKey::Description => wanted.matches_words(seen.words_of_description()),
            FilterKey::All => wanted.matches_words(seen.words_of_all()),
            // No secret here belongs to another service or has a primary elsewhere.
            FilterKey::OwningService | FilterKey::PrimaryRegion => false,
        }
    }
}

/// A secret that filters look at. Its words are found at most once, whatever the number of filters.
pub(crate) struct Seen<'a> {
    secret: &'a Secret,
    of_description: OnceCell<Vec<String>>,
    of_all: OnceCell<Vec<String>>,
}

impl<'a> Seen<'a> {
    /// Looks at `secret`.
    pub(crate) fn new(secret: &'a Secret) -> Self {
        Self {
            secret,
            of_description: OnceCell::new(),
            of_all: OnceCell::new(),
        }
    }

    /// How many bytes of text the filters may have to look at.
    pub(crate) fn size_bytes(&self) -> usize {
        let tags: usize = self
            .secret
            .tags()
            .map(|(key, value)| key.len() + value.len())
            .sum();
        self.secret.name.len() + self.secret.description.as_ref().map_or(0, String::len) + tags
    }

    fn words_of_description(&self) -> &[String] {
        let description = self.secret.description.as_deref().unwrap_or_default();
        self.of_description
            .get_or_init(|| sorted(words(description)))
    }

    fn words_of_all(&self) -> &[String] {
        self.of_all.get_or_init(|| {
            let mut known = words(&self.secret.name);
            known.extend(words(
                self.secret.description.as_deref().unwrap_or_default(),
            ));
            for (key, value) in self.secret.tags() {
                known.extend(words(key));
                known.extend(words(value));
            }
            sorted(known)
        })
    }
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable();
    words.dedup();
    words
}

impl Wanted {
    fn parse(value: &str) -> Self {
        let (text, inverted) = match value.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (value, false),
        };
        Self {
            text: text.to_owned(),
            words: words(text),
            inverted,
        }
    }

    /// Every wanted word is the beginning of some known word. A value without any word (a lone
    /// special character) matches nothing.
    fn matches_words(&self, known: &[String]) -> bool {
        !self.words.is_empty() && self.words.iter().all(|wanted| has_prefix(known, wanted))
    }
}

/// Whether one of the sorted words begins with `prefix`: the first that is not before it would.
fn has_prefix(sorted: &[String], prefix: &str) -> bool {
    let at = sorted.partition_point(|word| word.as_str() < prefix);
    sorted.get(at).is_some_and(|word| word.starts_with(prefix))
}

/// Splits `text` into lower-case words, the way AWS's search does.
///
/// A word ends at anything that is neither letter nor digit, where lower case turns to upper,
/// where a letter meets a digit, and before the last capital of a run that lower case follows:
/// `COMPANYthings` is `compan` and `ythings`.
fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (position, &c) in chars.iter().enumerate() {
        let before = position
            .checked_sub(1)
            .and_then(|at| chars.get(at))
            .copied();
        let after = chars.get(position.saturating_add(1)).copied();
        if !c.is_alphanumeric() || begins_word(before, c, after) {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn begins_word(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else { return true };
    let case_rises = before.is_lowercase() && c.is_uppercase();
    let capital_opens =
        before.is_uppercase() && c.is_uppercase() && after.is_some_and(char::is_lowercase);
    let to_or_from_digits = before.is_alphabetic() && c.is_numeric();
    case_rises || capital_opens || to_or_from_digits
}

#[cfg(test)]
mod tests;
