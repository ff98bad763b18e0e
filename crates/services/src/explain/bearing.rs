//! Every policy that bears on a question, and what comes of them.

use super::circumstances::Circumstances;
use super::doubt::{Resolve, open_keys, resolved};
use super::subject::Subject;
use crate::document::Document;
use crate::identity::{Identity, Principal, Source};
use base::{AccountId, CommonError};
use policy::{Cause, Decision, Effect, Form, Kind, Named, Policies, Policy, Rule};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The policies, under names that say how each comes to apply.
pub(super) struct Bearing<'a> {
    identity: Vec<Entry<'a>>,
    boundary: Option<Entry<'a>>,
    resource: Option<Entry<'a>>,
    rule: Rule,
}

struct Entry<'a> {
    name: String,
    document: &'a Document,
    form: Form,
}

/// How statements are taken that hang on what only a request could tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// As the engine takes absent keys.
    AsIs,
    To(Resolve),
}

/// Whether an answer hangs on a request.
pub(super) struct Doubt {
    /// Whether some request might be allowed.
    pub(super) hope: bool,
    /// Whether every request is allowed.
    pub(super) certainty: bool,
    /// The keys that it hangs on, or that are asked for without consequence.
    pub(super) keys: Vec<String>,
}

impl Doubt {
    /// Whether some requests might be allowed and others not.
    pub(super) fn is_open(&self) -> bool {
        self.hope != self.certainty
    }
}

impl<'a> Bearing<'a> {
    /// Those on what `principal` does to `subject`.
    ///
    /// # Errors
    /// When one of them cannot be read: then nothing is allowed.
    pub(super) fn of(principal: &'a Principal, subject: &'a Subject) -> Result<Self, CommonError> {
        let sources = principal.identity_policies()?;
        let identity = origins(principal)
            .into_iter()
            .zip(sources)
            .map(|(name, source)| Entry::identity(name, &source));
        let boundary = principal
            .boundary()?
            .map(|source| Entry::identity(format!("boundary → {}", source.name), &source));
        let resource = subject.own_policy().map(|own| Entry {
            name: own.name.to_owned(),
            document: own.document,
            form: own.form,
        });
        Ok(Self {
            identity: identity.collect(),
            boundary,
            resource,
            rule: subject.rule(),
        })
    }

    /// Hands the engine's decision, and every statement that applies, to `then`.
    ///
    /// # Errors
    /// As [`Bearing::of`].
    pub(super) fn judge<T>(
        &self,
        mood: Mood,
        action: &str,
        principal: &Principal,
        subject: &Subject,
        circumstances: &Circumstances<'_>,
        then: impl FnOnce(&Decision<'_>, &[(Cause<'_>, Effect)]) -> T,
    ) -> Result<T, CommonError> {
        let identity = compile_all(&self.identity, mood, circumstances)?;
        let boundary = compile_all(self.boundary.as_slice(), mood, circumstances)?;
        let resource = compile_all(self.resource.as_slice(), mood, circumstances)?;
        let identity = named(&identity);
        let policies = Policies {
            identity: &identity,
            boundary: named(&boundary).pop(),
            session: None,
            resource: named(&resource).pop(),
            endpoint: None,
            guardrails: &[],
            rule: self.rule,
        };
        Ok(principal.with_caller(|caller| {
            let request = policy::Request {
                action,
                resource: subject.matched(),
                resource_account: Some(AccountId::as_str(subject.owner())),
                caller,
                context: circumstances,
            };
            let decision = circumstances.decide(|| policy::evaluate(&request, &policies));
            then(&decision, &policy::matching(&request, &policies))
        }))
    }

    /// Whether the answer hangs on a request, and on what of it.
    ///
    /// # Errors
    /// As [`Bearing::of`].
    pub(super) fn doubt(
        &self,
        action: &str,
        principal: &Principal,
        subject: &Subject,
        circumstances: &Circumstances<'_>,
    ) -> Result<Doubt, CommonError> {
        let judge = |resolve| {
            self.judge(
                Mood::To(resolve),
                action,
                principal,
                subject,
                circumstances,
                |decision, matched| (decision.is_allowed(), self.keys(matched, circumstances)),
            )
        };
        let (allowed, keys) = judge(Resolve::All)?;
        if keys.is_empty() {
            return Ok(Doubt {
                hope: allowed,
                certainty: allowed,
                keys,
            });
        }
        Ok(Doubt {
            hope: judge(Resolve::Hopefully)?.0,
            certainty: judge(Resolve::Warily)?.0,
            keys,
        })
    }

    /// The open keys of the statements that apply, or would.
    fn keys(
        &self,
        matched: &[(Cause<'_>, Effect)],
        circumstances: &Circumstances<'_>,
    ) -> Vec<String> {
        let is_open = |key: &str| circumstances.is_open(key);
        let mut keys = BTreeSet::new();
        for (cause, _) in matched {
            let entries: &[Entry<'_>] = match cause.kind {
                Kind::Identity => &self.identity,
                Kind::Boundary => self.boundary.as_slice(),
                Kind::Resource => self.resource.as_slice(),
                Kind::Session | Kind::Endpoint | Kind::Guardrail => &[],
            };
            if let Some(entry) = entries.iter().find(|entry| entry.name == cause.policy) {
                keys.extend(open_keys(entry.document.text(), cause.statement, &is_open));
            }
        }
        keys.into_iter().collect()
    }
}

impl<'a> Entry<'a> {
    fn identity(name: String, source: &Source<'a>) -> Self {
        Self {
            name,
            document: source.document,
            form: Form::Identity,
        }
    }

    fn compiled(
        &self,
        mood: Mood,
        circumstances: &Circumstances<'_>,
    ) -> Result<Cow<'a, Policy>, CommonError> {
        let policy = self.document.policy(self.form)?;
        let Mood::To(resolve) = mood else {
            return Ok(Cow::Borrowed(policy));
        };
        let is_open = |key: &str| circumstances.is_open(key);
        // Most documents have no conditions, and need no second reading.
        if !policy.context_keys().iter().any(|key| is_open(key)) {
            return Ok(Cow::Borrowed(policy));
        }
        match resolved(self.document.text(), resolve, &is_open) {
            Some(text) => self.document.variant(&text, self.form).map(Cow::Owned),
            None => Ok(Cow::Borrowed(policy)),
        }
    }
}

type Compiled<'a> = (&'a str, Cow<'a, Policy>);

fn compile_all<'a>(
    entries: &'a [Entry<'a>],
    mood: Mood,
    circumstances: &Circumstances<'_>,
) -> Result<Vec<Compiled<'a>>, CommonError> {
    entries
        .iter()
        .map(|entry| Ok((entry.name.as_str(), entry.compiled(mood, circumstances)?)))
        .collect()
}

fn named<'a>(compiled: &'a [Compiled<'_>]) -> Vec<Named<'a>> {
    compiled
        .iter()
        .map(|(name, policy)| Named { name, policy })
        .collect()
}

/// How each of the principal's policies comes to apply, in the order of
/// [`Principal::identity_policies`].
fn origins(principal: &Principal) -> Vec<String> {
    let (holder, grants) = match principal.identity() {
        Identity::Root => return Vec::new(),
        Identity::User(user) => ("user", &user.grants),
        Identity::Role(role) => ("role", &role.grants),
    };
    let of_groups = principal
        .groups()
        .iter()
        .map(|group| (format!("group {}", group.name), &group.grants));
    let mut all = vec![(holder.to_owned(), grants)];
    all.extend(of_groups);
    let inline = all.iter().flat_map(|(holder, grants)| {
        let names = grants.inline.keys();
        names.map(move |name| format!("{holder} policy {name}"))
    });
    let attached = all.iter().flat_map(|(holder, grants)| {
        let arns = grants.attached.iter();
        arns.map(move |arn| format!("{holder} → {arn}"))
    });
    inline.chain(attached).collect()
}
