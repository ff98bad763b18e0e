//! Random passwords: pure, chance by argument.
//!
//! Behaviour reference §10. Every character of the pool is equally likely; where one of each class
//! is required, those stand at random positions.

use super::error::Error;
use base::{Entropy, Plaintext, random_below};

/// What a password must look like. Defaults are AWS's.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    /// Characters in all, 1 to 4096.
    pub(crate) length: usize,
    /// Characters that must not occur.
    pub(crate) exclude: String,
    /// Whether `A-Z` are in.
    pub(crate) uppercase: bool,
    /// Whether `a-z` are in.
    pub(crate) lowercase: bool,
    /// Whether `0-9` are in.
    pub(crate) numbers: bool,
    /// Whether the 32 ASCII punctuation characters are in.
    pub(crate) punctuation: bool,
    /// Whether the space is in; it is never required.
    pub(crate) space: bool,
    /// Whether at least one of each class must occur.
    pub(crate) require_each: bool,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            length: 32,
            exclude: String::new(),
            uppercase: true,
            lowercase: true,
            numbers: true,
            punctuation: true,
            space: false,
            require_each: true,
        }
    }
}

impl Recipe {
    /// Draws a password.
    ///
    /// # Errors
    /// When the recipe leaves nothing to draw from, or is too short for what it requires.
    pub(crate) fn draw(&self, entropy: &dyn Entropy) -> Result<Plaintext, Error> {
        let classes = self.classes();
        let mut pool: Vec<u8> = classes.concat();
        if self.space {
            pool.extend(self.allowed(b" "));
        }
        if self.require_each && classes.iter().any(Vec::is_empty) {
            return Err(Error::DesiredTypeExcluded);
        }
        if pool.is_empty() {
            return Err(Error::AllCharactersExcluded);
        }
        if self.require_each && self.length < classes.len() {
            return Err(Error::PasswordTooShort);
        }

        let mut password = Vec::with_capacity(self.length);
        if self.require_each {
            password.extend(classes.iter().filter_map(|class| pick(entropy, class)));
        }
        while password.len() < self.length {
            password.extend(pick(entropy, &pool));
        }
        shuffle(entropy, &mut password);
        Ok(Plaintext::new(password))
    }

    fn classes(&self) -> Vec<Vec<u8>> {
        let punctuation: Vec<u8> = (b'!'..=b'~').filter(u8::is_ascii_punctuation).collect();
        [
            (self.uppercase, UPPERCASE),
            (self.lowercase, LOWERCASE),
            (self.numbers, NUMBERS),
            (self.punctuation, punctuation.as_slice()),
        ]
        .into_iter()
        .filter(|(included, _)| *included)
        .map(|(_, class)| self.allowed(class))
        .collect()
    }

    fn allowed(&self, class: &[u8]) -> Vec<u8> {
        class
            .iter()
            .copied()
            .filter(|byte| !self.exclude.contains(char::from(*byte)))
            .collect()
    }
}

fn pick(entropy: &dyn Entropy, from: &[u8]) -> Option<u8> {
    let bound = u32::try_from(from.len()).unwrap_or(u32::MAX);
    from.get(random_below(entropy, bound) as usize).copied()
}

/// Fisher and Yates: every order is equally likely.
fn shuffle(entropy: &dyn Entropy, bytes: &mut [u8]) {
    for last in (1..bytes.len()).rev() {
        let bound = u32::try_from(last).unwrap_or(u32::MAX).saturating_add(1);
        bytes.swap(last, random_below(entropy, bound) as usize);
    }
}

const UPPERCASE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWERCASE: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const NUMBERS: &[u8] = b"0123456789";

#[cfg(test)]
mod tests;
