//! What an operation takes, as data: members, their shapes and their constraints.
//!
//! Everything here is built by `const fn`s, so that a declaration costs nothing at run time and a
//! wrong one does not compile.

#[cfg(test)]
mod tests;

use crate::field::Field;

/// No upper bound on a length.
pub const UNBOUNDED: usize = usize::MAX;

/// The members of an operation's input, or of a structure inside it.
#[derive(Debug)]
pub struct Structure {
    /// In declared order, which is the order of violations in a refusal.
    pub members: &'static [Member],
}

impl Structure {
    /// A structure of `members`.
    pub const fn new(members: &'static [Member]) -> Self {
        Self { members }
    }
}

/// One member of a [`Structure`].
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// The name on the wire, such as `SecretId`. ASCII.
    pub name: &'static str,
    /// What the value must look like.
    pub shape: &'static Shape,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Whether it may appear in the audit record's request parameters.
    pub audited: bool,
}

impl Member {
    /// An optional member that the audit record leaves out.
    pub const fn new(name: &'static str, shape: &'static Shape) -> Self {
        Self {
            name,
            shape,
            required: false,
            audited: false,
        }
    }

    /// The same, required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, shown in the audit record's request parameters.
    #[must_use]
    pub const fn audited(mut self) -> Self {
        self.audited = true;
        self
    }

    /// The same, to be read into a field of type `T`.
    ///
    /// # Panics
    ///
    /// At compile time, when `T` cannot hold what the shape admits, when `T` is an `Option` but the
    /// member is required (or the reverse), or when a sensitive member is marked as audited.
    #[must_use]
    pub const fn held_by<T: Field>(self) -> Self {
        assert!(
            T::KIND.fits(self.shape),
            "the field's type does not fit its shape"
        );
        assert!(
            T::KIND.is_optional() != self.required,
            "a field is an `Option` exactly when its member is not required"
        );
        assert!(
            !(self.audited && self.shape.is_confidential()),
            "a sensitive member is never audited"
        );
        self
    }
}

/// What a value must look like.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A JSON string.
    Text(Text),
    /// Bytes, as base64 in a JSON string; the bounds count the decoded bytes. Always confidential.
    Blob {
        /// The fewest bytes.
        min: usize,
        /// The most bytes.
        max: usize,
        /// The quota of which `max` is but the usual value.
        quota: Option<&'static str>,
    },
    /// A whole number.
    Integer(Number),
    /// A number.
    Double,
    /// A moment: seconds in JSON, ISO 8601 in a form.
    Timestamp,
    /// `true` or `false`.
    Boolean,
    /// A JSON array.
    List(List),
    /// A JSON object whose keys are data.
    Map(Map),
    /// A JSON object with named members.
    Structure(&'static Structure),
}

impl Shape {
    /// Text of `min` to `max` characters.
    pub const fn text(min: usize, max: usize) -> Self {
        Self::Text(Text {
            min,
            max,
            unit: Unit::Characters,
            pattern: None,
            worded: None,
            one_of: &[],
            sensitive: false,
            quota: None,
        })
    }

    /// Text that is one of `names`.
    pub const fn one_of(names: &'static [&'static str]) -> Self {
        Self::Text(Text {
            min: 0,
            max: UNBOUNDED,
            unit: Unit::Characters,
            pattern: None,
            worded: None,
            one_of: names,
            sensitive: false,
            quota: None,
        })
    }

    /// A blob of `min` to `max` bytes.
    pub const fn blob(min: usize, max: usize) -> Self {
        Self::Blob {
            min,
            max,
            quota: None,
        }
    }

    /// A number that AWS's model calls an integer.
    pub const fn integer() -> Self {
        Self::Integer(Number {
            min: None,
            max: None,
            long: false,
        })
    }

    /// A number that AWS's model calls a long: only a type mismatch tells the two apart.
    pub const fn long() -> Self {
        Self::Integer(Number {
            min: None,
            max: None,
            long: true,
        })
    }

    /// A number, whole or not.
    pub const fn double() -> Self {
        Self::Double
    }

    /// A moment.
    pub const fn timestamp() -> Self {
        Self::Timestamp
    }

    /// A Boolean.
    pub const fn boolean() -> Self {
        Self::Boolean
    }

    /// A list of `min` to `max` values that look like `item`.
    pub const fn list(item: &'static Self, min: usize, max: usize) -> Self {
        Self::List(List { item, min, max })
    }

    /// A map from any texts to values that look like `value`.
    pub const fn map(value: &'static Self) -> Self {
        Self::Map(Map { value })
    }

    /// A structure.
    pub const fn structure(structure: &'static Structure) -> Self {
        Self::Structure(structure)
    }

    /// The same text, its length counted in bytes of UTF-8.
    #[must_use]
    pub const fn in_bytes(self) -> Self {
        let mut text = self.expect_text();
        text.unit = Unit::Bytes;
        Self::Text(text)
    }

    /// The same text, which must also match `pattern`.
    #[must_use]
    pub const fn matching(self, pattern: &'static Pattern) -> Self {
        let mut text = self.expect_text();
        text.pattern = Some(pattern);
        Self::Text(text)
    }

    /// The same text, whose pattern is told in the words `rule` where it is not met.
    #[must_use]
    pub const fn worded(self, rule: &'static str) -> Self {
        let mut text = self.expect_text();
        text.worded = Some(rule);
        Self::Text(text)
    }

    /// The same text, never shown: not in a refusal, not in the audit record.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        let mut text = self.expect_text();
        text.sensitive = true;
        Self::Text(text)
    }

    /// The same text or blob, whose greatest length is that of `quota` where there is another.
    ///
    /// # Panics
    ///
    /// At compile time, when this is neither.
    #[must_use]
    pub const fn up_to(self, quota: &'static str) -> Self {
        match self {
            Self::Blob { min, max, .. } => Self::Blob {
                min,
                max,
                quota: Some(quota),
            },
            other => {
                let mut text = other.expect_text();
                text.quota = Some(quota);
                Self::Text(text)
            }
        }
    }

    /// The same number, from `min` to `max`, both included.
    ///
    /// # Panics
    ///
    /// At compile time, when this is not a number.
    #[must_use]
    pub const fn between(self, min: i64, max: i64) -> Self {
        let Self::Integer(mut number) = self else {
            panic_not_a_number()
        };
        number.min = Some(min);
        number.max = Some(max);
        Self::Integer(number)
    }

    /// Whether any part of a value may be a secret.
    pub const fn is_confidential(&self) -> bool {
        match self {
            Self::Text(text) => text.sensitive,
            Self::Blob { .. } => true,
            Self::Integer(_) | Self::Double | Self::Timestamp | Self::Boolean => false,
            Self::List(list) => list.item.is_confidential(),
            Self::Map(map) => map.value.is_confidential(),
            Self::Structure(structure) => {
                let mut rest = structure.members;
                while let [member, tail @ ..] = rest {
                    if member.shape.is_confidential() {
                        return true;
                    }
                    rest = tail;
                }
                false
            }
        }
    }

    const fn expect_text(self) -> Text {
        match self {
            Self::Text(text) => text,
            _ => panic_not_text(),
        }
    }
}

/// The constraints of a text.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The shortest length.
    pub min: usize,
    /// The greatest length.
    pub max: usize,
    /// What the length counts.
    pub unit: Unit,
    /// What the text must match.
    pub pattern: Option<&'static Pattern>,
    /// What the pattern demands, as a sentence, for services that do not print the expression.
    pub worded: Option<&'static str>,
    /// When not empty, the only texts admitted.
    pub one_of: &'static [&'static str],
    /// Whether the text is a secret, read into a [`base::Plaintext`].
    pub sensitive: bool,
    /// The quota of which `max` is but the usual value.
    pub quota: Option<&'static str>,
}

impl Text {
    /// The length of `text` in this text's unit.
    pub fn length(&self, text: &str) -> usize {
        match self.unit {
            Unit::Bytes => text.len(),
            Unit::Characters => text.chars().count(),
        }
    }
}

/// What a text's length counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of UTF-8.
    Bytes,
    /// Unicode characters.
    Characters,
}

/// The constraints of a number.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// The least value.
    pub min: Option<i64>,
    /// The greatest value.
    pub max: Option<i64>,
    /// Whether AWS's model calls it a long.
    pub long: bool,
}

/// The constraints of a list.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// What every item must look like.
    pub item: &'static Shape,
    /// The fewest items.
    pub min: usize,
    /// The most items.
    pub max: usize,
}

/// The constraints of a map.
#[derive(Clone, Copy, Debug)]
pub struct Map {
    /// What every value must look like.
    pub value: &'static Shape,
}

/// A regular expression of AWS's model, with a function that decides it.
#[derive(Debug)]
pub struct Pattern {
    /// The expression, as AWS's message prints it.
    pub text: &'static str,
    /// Whether a text matches.
    pub matches: fn(&str) -> bool,
    /// A text that matches and is of an admitted length, for [`crate::probe`].
    pub example: &'static str,
    /// A text that does not match but is of an admitted length, for [`crate::probe`].
    pub counterexample: &'static str,
}

#[expect(
    clippy::panic,
    reason = "reached by a declaration only, at compile time"
)]
const fn panic_not_text() -> ! {
    panic!("only a text takes this constraint")
}

#[expect(
    clippy::panic,
    reason = "reached by a declaration only, at compile time"
)]
const fn panic_not_a_number() -> ! {
    panic!("only a number takes this constraint")
}
