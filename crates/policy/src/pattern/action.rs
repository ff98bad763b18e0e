//! Actions: `secretsmanager:Get*`. Compared without case.

use super::glob::{Glob, Token};
use crate::document::quoted;

/// The action of a request, in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Action(pub(crate) Box<str>);

impl Action {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase().into())
    }
}

/// An entry of `Action` or `NotAction`.
#[derive(Clone, Debug)]
pub(crate) enum ActionPattern {
    Every,
    /// In lower case, service and colon included: the service is a literal, so one comparison
    /// tells whether both fit.
    Of(Glob),
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
        let tokens: Vec<Token> = text
            .chars()
            .map(|c| match c {
                '*' => Token::Any,
                '?' => Token::One,
                _ => Token::Literal(c.to_ascii_lowercase()),
            })
            .collect();
        Ok(Self::Of(Glob::new(&tokens)))
    }

    pub(crate) fn matches(&self, Action(action): &Action) -> bool {
        match self {
            Self::Every => true,
            Self::Of(glob) => glob.matches(action),
        }
    }

    /// The one action that it is about.
    pub(crate) fn exact(&self) -> Option<&str> {
        match self {
            Self::Every => None,
            Self::Of(glob) => glob.exact(),
        }
    }

    /// The one service that it is about.
    pub(crate) fn service(&self) -> Option<String> {
        match self {
            Self::Every => None,
            Self::Of(glob) => glob
                .start()
                .split_once(':')
                .map(|(service, _)| service.to_owned()),
        }
    }

    /// Whether it is about no other service than `service`.
    pub(crate) fn is_of(&self, service: &str) -> bool {
        self.service().is_some_and(|own| own == service)
    }

    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Every => 0,
            Self::Of(glob) => glob.weight(),
        }
    }
}
