//! Actions: `secretsmanager:Get*`. Compared without case.

use super::glob::{Glob, Token};
use crate::document::quoted;

/// The action of a request, split once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Action<'a> {
    vendor: &'a str,
    name: &'a str,
}

impl<'a> Action<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let (vendor, name) = text.split_once(':').unwrap_or(("", text));
        Self { vendor, name }
    }
}

/// An entry of `Action` or `NotAction`.
#[derive(Clone, Debug)]
pub(crate) enum ActionPattern {
    Every,
    Of { vendor: Box<str>, name: Glob },
}

impl ActionPattern {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        // COMPAT: the one wildcard IAM takes for a service, and only together with every action.
        if text == "*" || text == "*:*" {
            return Ok(Self::Every);
        }
        let shown = quoted(text);
        let (vendor, name) = text
            .split_once(':')
            .ok_or_else(|| format!("{shown} names no service; write `service:Action` or `*`"))?;
        let named = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if vendor.is_empty() || !vendor.bytes().all(named) {
            return Err(format!(
                "the service of {shown} may hold letters, digits and hyphens only"
            ));
        }
        let named = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'?' | b'_' | b'-');
        if name.is_empty() || !name.bytes().all(named) {
            return Err(format!(
                "the action of {shown} may hold letters, digits and the wildcards `*` and `?` only"
            ));
        }
        let tokens: Vec<Token> = name
            .chars()
            .map(|c| match c {
                '*' => Token::Any,
                '?' => Token::One,
                _ => Token::Literal(c.to_ascii_lowercase()),
            })
            .collect();
        Ok(Self::Of {
            vendor: vendor.to_ascii_lowercase().into(),
            name: Glob::new(&tokens),
        })
    }

    pub(crate) fn matches(&self, action: Action<'_>) -> bool {
        match self {
            Self::Every => true,
            Self::Of { vendor, name } => {
                vendor.eq_ignore_ascii_case(action.vendor) && name.matches_lowered(action.name)
            }
        }
    }

    /// Whether it is about no other service than `service`.
    pub(crate) fn is_of(&self, service: &str) -> bool {
        matches!(self, Self::Of { vendor, .. } if **vendor == *service)
    }

    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Every => 0,
            Self::Of { vendor, name } => vendor.len() + name.weight(),
        }
    }
}
