//! Wildcards: `*` is any run of characters, `?` any one character.

use std::borrow::Cow;
use std::mem::size_of_val;

/// One step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Literal(char),
    One,
    Any,
}

/// A pattern, sorted by how much work matching it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Glob {
    Everything,
    Exact(Box<str>),
    Prefix(Box<str>),
    General(Box<[Token]>),
}

impl Glob {
    pub(super) fn new(tokens: &[Token]) -> Self {
        let literal = literal(tokens);
        let wild = tokens.get(literal.chars().count()..).unwrap_or_default();
        match wild {
            [] => Self::Exact(literal.into()),
            [Token::Any] if literal.is_empty() => Self::Everything,
            [Token::Any] => Self::Prefix(literal.into()),
            _ => Self::General(tokens.into()),
        }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Exact(exact) => **exact == *text,
            Self::Prefix(prefix) => text.starts_with(&**prefix),
            Self::General(tokens) => matches(tokens, text),
        }
    }

    /// The one text that it matches.
    pub(super) fn exact(&self) -> Option<&str> {
        match self {
            Self::Exact(text) => Some(text),
            Self::Everything | Self::Prefix(_) | Self::General(_) => None,
        }
    }

    /// The text before the first wildcard.
    pub(super) fn start(&self) -> Cow<'_, str> {
        match self {
            Self::Everything => Cow::Borrowed(""),
            Self::Exact(text) | Self::Prefix(text) => Cow::Borrowed(text),
            Self::General(tokens) => literal(tokens).into(),
        }
    }

    /// Bytes on the heap.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Everything => 0,
            Self::Exact(text) | Self::Prefix(text) => text.len(),
            Self::General(tokens) => size_of_val(&**tokens),
        }
    }
}

/// What the tokens begin with.
fn literal(tokens: &[Token]) -> String {
    let literals = tokens.iter().map_while(|token| match token {
        Token::Literal(c) => Some(*c),
        Token::One | Token::Any => None,
    });
    literals.collect()
}

/// Whether the whole of `text` fits the tokens.
///
/// Two positions walk along pattern and text. On a mismatch only the last `*` needs to take one
/// character more: whatever an earlier one could take, the last one can, so no choice multiplies.
pub(super) fn matches(tokens: &[Token], text: &str) -> bool {
    let mut pattern = tokens.iter();
    let mut rest = text.chars();
    let mut retry = None;
    loop {
        let mut ahead = (pattern.clone(), rest.clone());
        let fits = match (ahead.0.next(), ahead.1.next()) {
            (None, None) => return true,
            (Some(Token::Any), _) => {
                retry = Some((ahead.0.clone(), rest.clone()));
                pattern = ahead.0;
                continue;
            }
            (Some(Token::One), Some(_)) => true,
            (Some(Token::Literal(wanted)), Some(c)) => *wanted == c,
            (None, Some(_)) | (Some(_), None) => false,
        };
        if fits {
            (pattern, rest) = ahead;
            continue;
        }
        let Some((after, from)) = &mut retry else {
            return false;
        };
        if from.next().is_none() {
            return false;
        }
        (pattern, rest) = (after.clone(), from.clone());
    }
}
