//! Session tags: given at the beginning of a session, and handed on from session to session when
//! they are transitive.
//!
//! - Keys are compared without case, as conditions compare them ([`same_key`]).
//! - A transitive tag stays what it is through a chain of sessions: nobody further down can set it
//!   to something else.

use crate::context::Keys;
use crate::identity::Session;
use crate::tags::{TagError, Tags, same_key};

/// The tags of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionTags {
    /// All of them, those handed on first.
    pub(crate) tags: Tags,
    /// The keys of those that are handed on.
    pub(crate) transitive: Vec<String>,
}

/// Why a session cannot be tagged so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SessionTagError {
    /// A key twice, in whatever case.
    #[error("Duplicate tag keys found. Please note that Tag keys are case insensitive.")]
    Duplicate,
    /// A tag that the calling session hands on.
    #[error(
        "One of the specified transitive tag keys can't be set because it conflicts with a \
         transitive tag key from the calling session."
    )]
    HandedOn,
    /// A tag that is to be handed on and is not there.
    #[error("The specified transitive tag key must be included in the requested tags.")]
    NotGiven,
    /// `aws:` tags are AWS's own.
    #[error("System tags cannot be added/updated by requester")]
    Reserved,
    /// More than fifty.
    #[error("The number of tags has reached the maximum limit")]
    TooMany,
}

impl SessionTags {
    /// Those that a session of the caller begins with: the transitive ones of the caller's own.
    pub(crate) fn handed_on(caller: Option<&Session>) -> Self {
        let Some(caller) = caller else {
            return Self::default();
        };
        let keys = &caller.transitive_tag_keys;
        let is_transitive = |key: &str| keys.iter().any(|one| same_key(one, key));
        let others = caller.tags.iter().filter(|(key, _)| !is_transitive(key));
        let others: Vec<String> = others.map(|(key, _)| key.to_owned()).collect();
        let mut tags = caller.tags.clone();
        tags.remove(&others);
        Self {
            tags,
            transitive: keys.clone(),
        }
    }

    /// The same with those of a request, of which the ones called `transitive` are to be handed on.
    ///
    /// # Errors
    /// [`SessionTagError`].
    pub(crate) fn with(
        mut self,
        given: &[(&str, &str)],
        transitive: &[String],
    ) -> Result<Self, SessionTagError> {
        for (index, (key, _)) in given.iter().enumerate() {
            let mut later = given.iter().skip(index + 1);
            if later.any(|(one, _)| same_key(one, key)) {
                return Err(SessionTagError::Duplicate);
            }
            if self.tags.iter().any(|(one, _)| same_key(one, key)) {
                return Err(SessionTagError::HandedOn);
            }
        }
        for key in transitive {
            if !given.iter().any(|(one, _)| same_key(one, key)) {
                return Err(SessionTagError::NotGiven);
            }
            if !self.transitive.iter().any(|one| same_key(one, key)) {
                self.transitive.push(key.clone());
            }
        }
        let pairs = given
            .iter()
            .map(|(key, value)| (Some((*key).to_owned()), (*value).to_owned()));
        self.tags.set(pairs)?;
        Ok(self)
    }

    /// `keys`, and those that tell conditions of them.
    pub(crate) fn told<'a>(&'a self, keys: Keys<'a>) -> Keys<'a> {
        let transitive = self.transitive.iter().map(String::as_str);
        let has_transitive = !self.transitive.is_empty();
        keys.texts(
            "sts:transitivetagkeys",
            has_transitive.then_some(transitive),
        )
        .opt_tags((!self.is_empty()).then(|| self.tags.iter()))
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.tags.iter().next().is_none()
    }
}

impl From<TagError> for SessionTagError {
    fn from(error: TagError) -> Self {
        match error {
            TagError::Duplicate(_) | TagError::NoKey | TagError::Twin(_) => Self::Duplicate,
            TagError::Reserved => Self::Reserved,
            TagError::TooMany(_) => Self::TooMany,
        }
    }
}

#[cfg(test)]
mod tests;
