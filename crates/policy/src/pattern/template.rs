//! Texts of a policy in which `${aws:username}` stands for a condition key of the request.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::glob::{Glob, Token, matches};
use crate::document::Language;
use crate::request::{Context, Values};
use crate::resolve::{Bound, Open};

/// A text with wildcards, and perhaps variables.
#[derive(Clone, Debug)]
pub(crate) enum Template {
    Fixed(Glob),
    Open(Box<[Part]>),
}

impl Template {
    pub(crate) fn parse(text: &str, language: Language) -> Result<Self, String> {
        Ok(Self::new(parts(text, language, true)?))
    }

    pub(super) fn new(parts: Vec<Part>) -> Self {
        match tokens(&parts, |_| None) {
            Some(tokens) => Self::Fixed(Glob::new(&tokens)),
            None => Self::Open(parts.into()),
        }
    }

    pub(crate) fn matches(&self, text: &str, context: &dyn Context) -> bool {
        match self {
            Self::Fixed(glob) => glob.matches(text),
            Self::Open(parts) => tokens(parts, |variable| variable.value(context))
                .is_some_and(|tokens| matches(&tokens, text)),
        }
    }

    /// Whether it matches one text only, whoever asks.
    pub(crate) fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(Glob::Exact(_)))
    }

    /// Matches every text.
    pub(crate) fn everything() -> Self {
        Self::Fixed(Glob::Everything)
    }

    /// Without the open keys; `None` when no text surely matches.
    pub(crate) fn resolved(&self, open: Open<'_>) -> Option<Self> {
        match (self, open.bound) {
            (Self::Open(parts), bound) if has_open(parts, open) => match bound {
                Bound::Most => Some(Self::new(widened(parts, open))),
                Bound::Least => None,
            },
            (Self::Fixed(_) | Self::Open(_), _) => Some(self.clone()),
        }
    }

    pub(crate) fn keys(&self, into: &mut BTreeSet<String>) {
        if let Self::Open(parts) = self {
            keys(parts, into);
        }
    }

    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Fixed(glob) => glob.weight(),
            Self::Open(parts) => weight(parts),
        }
    }
}

/// A text without wildcards, and perhaps with variables.
#[derive(Clone, Debug)]
pub(crate) enum Literal {
    Fixed(Box<str>),
    Open(Box<[Part]>),
}

impl Literal {
    pub(crate) fn parse(text: &str, language: Language) -> Result<Self, String> {
        let parts = parts(text, language, false)?;
        Ok(match resolve(&parts, |_| None) {
            Some(text) => Self::Fixed(text.into()),
            None => Self::Open(parts.into()),
        })
    }

    /// Whether some variable in it is open.
    pub(crate) fn is_open(&self, open: Open<'_>) -> bool {
        matches!(self, Self::Open(parts) if has_open(parts, open))
    }

    /// What it may turn out to be.
    pub(crate) fn widened(&self, open: Open<'_>) -> Template {
        match self {
            Self::Fixed(text) => Template::new(vec![Part::Text(text.clone())]),
            Self::Open(parts) => Template::new(widened(parts, open)),
        }
    }

    /// The text for this request, `None` when a variable has no value.
    pub(crate) fn resolve(&self, context: &dyn Context) -> Option<Cow<'_, str>> {
        match self {
            Self::Fixed(text) => Some(Cow::Borrowed(text)),
            Self::Open(parts) => resolve(parts, |variable| variable.value(context)).map(Cow::Owned),
        }
    }

    pub(crate) fn keys(&self, into: &mut BTreeSet<String>) {
        if let Self::Open(parts) = self {
            keys(parts, into);
        }
    }

    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Fixed(text) => text.len(),
            Self::Open(parts) => weight(parts),
        }
    }
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(Box<str>),
    One,
    Any,
    Variable(Variable),
}

/// `${key}` or `${key, 'default'}`.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// As written.
    name: Box<str>,
    /// As the request's context is asked for it.
    key: Box<str>,
    default: Option<Box<str>>,
}

impl Variable {
    fn parse(inside: &str) -> Result<Self, String> {
        let (name, default) = match inside.split_once(',') {
            None => (inside.trim(), None),
            Some((name, default)) => (name.trim(), Some(unquoted(default.trim())?)),
        };
        if !is_key(name) {
            return Err(format!(
                "the policy variable `${{{}}}` names no condition key",
                name.escape_debug()
            ));
        }
        Ok(Self {
            name: name.into(),
            key: name.to_ascii_lowercase().into(),
            default: default.map(Into::into),
        })
    }

    /// SECURITY: a key with several values has no one value to put in; picking one would let the
    /// order of a list decide.
    fn value<'v>(&'v self, context: &'v dyn Context) -> Option<Cow<'v, str>> {
        match context.values(&self.key) {
            Some(Values::One(value)) => Some(value),
            Some(Values::Many(_)) | None => self.default.as_deref().map(Cow::Borrowed),
        }
    }
}

/// Whether `name` can be a condition key: a service's prefix, a colon, a name.
pub(crate) fn is_key(name: &str) -> bool {
    name.split_once(':').is_some_and(|(vendor, rest)| {
        !rest.is_empty()
            && !vendor.is_empty()
            && vendor
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'_'))
    })
}

/// Splits a text of a policy. `wildcards` says whether `*` and `?` are any or themselves.
pub(super) fn parts(text: &str, language: Language, wildcards: bool) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if language.has_variables()
            && let Some(opened) = rest.strip_prefix("${")
        {
            let (inside, after) = opened
                .split_once('}')
                .ok_or("a policy variable that is not closed; write `${$}` for a dollar sign")?;
            match inside {
                "*" | "?" | "$" => plain.push_str(inside),
                _ => {
                    flush(&mut plain, &mut parts);
                    parts.push(Part::Variable(Variable::parse(inside)?));
                }
            }
            rest = after;
            continue;
        }
        match c {
            '*' if wildcards => {
                flush(&mut plain, &mut parts);
                parts.push(Part::Any);
            }
            '?' if wildcards => {
                flush(&mut plain, &mut parts);
                parts.push(Part::One);
            }
            _ => plain.push(c),
        }
        rest = rest.strip_prefix(c).unwrap_or_default();
    }
    flush(&mut plain, &mut parts);
    Ok(parts)
}

fn flush(plain: &mut String, parts: &mut Vec<Part>) {
    if !plain.is_empty() {
        parts.push(Part::Text(std::mem::take(plain).into()));
    }
}

fn unquoted(default: &str) -> Result<&str, String> {
    default
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .filter(|text| !text.contains('\''))
        .ok_or_else(|| String::from("the default of a policy variable belongs in single quotes"))
}

/// `None` when some variable has no value.
fn tokens<'p>(
    parts: &'p [Part],
    value: impl Fn(&'p Variable) -> Option<Cow<'p, str>>,
) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) => tokens.extend(text.chars().map(Token::Literal)),
            Part::One => tokens.push(Token::One),
            Part::Any => tokens.push(Token::Any),
            Part::Variable(variable) => {
                tokens.extend(value(variable)?.chars().map(Token::Literal));
            }
        }
    }
    Some(tokens)
}

/// `None` when some variable has no value.
fn resolve<'p>(
    parts: &'p [Part],
    value: impl Fn(&'p Variable) -> Option<Cow<'p, str>>,
) -> Option<String> {
    let mut resolved = String::new();
    for part in parts {
        match part {
            Part::Text(text) => resolved.push_str(text),
            Part::One => resolved.push('?'),
            Part::Any => resolved.push('*'),
            Part::Variable(variable) => resolved.push_str(&value(variable)?),
        }
    }
    Some(resolved)
}

fn has_open(parts: &[Part], open: Open<'_>) -> bool {
    parts.iter().any(|part| is_open(part, open))
}

/// Any run of characters for every open variable.
fn widened(parts: &[Part], open: Open<'_>) -> Vec<Part> {
    let widen = |part: &Part| match part {
        part if is_open(part, open) => Part::Any,
        part => part.clone(),
    };
    parts.iter().map(widen).collect()
}

fn is_open(part: &Part, open: Open<'_>) -> bool {
    matches!(part, Part::Variable(variable) if open.has(&variable.key))
}

fn keys(parts: &[Part], into: &mut BTreeSet<String>) {
    for part in parts {
        if let Part::Variable(variable) = part {
            into.insert(String::from(&*variable.name));
        }
    }
}

fn weight(parts: &[Part]) -> usize {
    let held = |part: &Part| match part {
        Part::Text(text) => text.len(),
        Part::One | Part::Any => 0,
        Part::Variable(variable) => {
            variable.name.len() * 2 + variable.default.as_deref().map_or(0, str::len)
        }
    };
    size_of_val(parts) + parts.iter().map(held).sum::<usize>()
}
