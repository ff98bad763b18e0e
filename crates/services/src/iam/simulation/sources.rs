//! The policies of a simulation, and where they come from.

use crate::document::IdentityDocument;
use crate::iam::error::Error;
use crate::identity::Managed;
use base::CommonError;
use policy::{Form, Named, Policy};

/// A policy, and what answers call it.
pub(crate) struct Source {
    pub(crate) id: String,
    /// The `SourcePolicyType`.
    pub(crate) kind: &'static str,
    text: Text,
}

enum Text {
    Given(Policy),
    Inline(IdentityDocument),
    Managed(Managed),
}

/// The part that a policy plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Identity,
    Boundary,
    Resource,
    /// Of an organization, counted from the root.
    Level(usize),
}

/// All policies of a simulation.
#[derive(Default)]
pub(crate) struct Sources(Vec<Entry>);

struct Entry {
    /// Its number, by which the engine's causes are told apart: ids need not differ.
    key: String,
    part: Part,
    source: Source,
}

impl Source {
    /// A policy that the request brings.
    ///
    /// # Errors
    /// [`Error::MalformedSimulatedPolicy`] with every problem and its place.
    pub(crate) fn given(
        id: String,
        kind: &'static str,
        text: &str,
        form: Form,
    ) -> Result<Self, Error> {
        let policy =
            Policy::parse(text, form).map_err(|problems| Error::MalformedSimulatedPolicy {
                id: id.clone(),
                problems: problems.to_string(),
            })?;
        Ok(Self {
            id,
            kind,
            text: Text::Given(policy),
        })
    }

    /// A policy that is embedded in the identity `holder` of this kind.
    pub(crate) fn inline(
        kind: &'static str,
        holder: &str,
        name: &str,
        document: &IdentityDocument,
    ) -> Self {
        Self {
            id: format!("{kind}_{holder}_{name}"),
            kind,
            text: Text::Inline(document.clone()),
        }
    }

    /// A managed policy.
    pub(crate) fn managed(managed: Managed) -> Self {
        let (name, kind) = match &managed {
            Managed::Aws(policy) => (policy.name, "aws-managed"),
            Managed::Customer(policy) => (policy.name.as_str(), "user-managed"),
        };
        Self {
            id: name.to_owned(),
            kind,
            text: Text::Managed(managed),
        }
    }

    /// The policy.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when what is stored cannot be read.
    pub(crate) fn policy(&self) -> Result<&Policy, CommonError> {
        match &self.text {
            Text::Given(policy) => Ok(policy),
            Text::Inline(document) => document.policy(),
            Text::Managed(managed) => managed.policy(),
        }
    }
}

impl Sources {
    /// Adds a policy.
    pub(crate) fn add(&mut self, part: Part, source: Source) {
        let key = self.0.len().to_string();
        self.0.push(Entry { key, part, source });
    }

    /// Puts another boundary in the place of the one that is there, if any.
    pub(crate) fn replace_boundary(&mut self, source: Source) {
        match self.0.iter_mut().find(|one| one.part == Part::Boundary) {
            Some(entry) => entry.source = source,
            None => self.add(Part::Boundary, source),
        }
    }

    /// Every policy.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().map(|entry| &entry.source)
    }

    /// Those that play this part, as the engine takes them.
    ///
    /// # Errors
    /// [`CommonError::Internal`] when one of them cannot be read.
    pub(crate) fn named(&self, part: Part) -> Result<Vec<Named<'_>>, CommonError> {
        let playing = self.0.iter().filter(|entry| entry.part == part);
        let named = playing.map(|entry| {
            Ok(Named {
                name: &entry.key,
                policy: entry.source.policy()?,
            })
        });
        named.collect()
    }

    /// How many levels of an organization have policies.
    pub(crate) fn levels(&self) -> usize {
        let levels = self.0.iter().filter_map(|entry| match entry.part {
            Part::Level(level) => Some(level + 1),
            Part::Identity | Part::Boundary | Part::Resource => None,
        });
        levels.max().unwrap_or_default()
    }

    /// The policy that the engine was given under this name.
    pub(crate) fn by_key(&self, key: &str) -> Option<&Source> {
        let found = self.0.iter().find(|entry| entry.key == key)?;
        Some(&found.source)
    }
}
