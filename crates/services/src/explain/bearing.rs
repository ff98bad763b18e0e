//! Every policy that bears on a question, and what comes of them.

use super::circumstances::Circumstances;
use super::part::Case;
use super::subject::Subject;
use crate::authorize::Resource;
use crate::identity::{Principal, Source};
use crate::kms::questions::Granted;
use base::{AccountId, CommonError};
use policy::{Cause, Decision, Effect, Kind, Named, Policies, Policy, Towards};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The policies, under names that say how each comes to apply.
pub(super) struct Bearing<'a> {
    identity: Vec<Entry<'a>>,
    boundary: Option<Entry<'a>>,
    resource: Option<Entry<'a>>,
    grants: Vec<Grant<'a>>,
}

/// A grant of a key, in the form of a resource's policy.
struct Grant<'a> {
    entry: Entry<'a>,
    /// What it hangs on whether it counts.
    hangs_on: &'a [String],
}

struct Entry<'a> {
    name: String,
    policy: &'a Policy,
}

/// How statements are taken that hang on what only a request could tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// As the engine takes absent keys.
    AsIs,
    To(Towards),
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
    /// No request is allowed.
    pub(super) fn no() -> Self {
        Self {
            hope: false,
            certainty: false,
            keys: Vec::new(),
        }
    }

    /// Whether some requests might be allowed and others not.
    pub(super) fn is_open(&self) -> bool {
        self.hope != self.certainty
    }
}

impl<'a> Bearing<'a> {
    /// Those on what `principal` does to `subject`, on which there are these grants.
    ///
    /// # Errors
    /// When one of them cannot be read: then nothing is allowed.
    pub(super) fn of(
        principal: &'a Principal,
        subject: &'a Subject,
        granted: &'a [Granted],
    ) -> Result<Self, CommonError> {
        let boundary = principal.boundary()?.map(|source| Entry {
            name: format!("boundary → {}", source.title()),
            policy: source.policy,
        });
        let grants = granted.iter().map(|grant| {
            Ok::<_, CommonError>(Grant {
                entry: Entry {
                    name: grant.title(),
                    policy: grant.policy()?,
                },
                hangs_on: &grant.hangs_on,
            })
        });
        Ok(Self {
            identity: granting(principal)?,
            boundary,
            resource: own(principal.account(), subject)?,
            grants: grants.collect::<Result<_, _>>()?,
        })
    }

    /// Hands the engine's decision, and every statement that applies, to `then`.
    pub(super) fn judge<T>(
        &self,
        mood: Mood,
        case: &Case<'_>,
        then: impl FnOnce(&Decision<'_>, &[(Cause<'_>, Effect)]) -> T,
    ) -> T {
        let circumstances = case.circumstances;
        let taken = |entries| take(entries, mood, circumstances);
        let identity = taken(&self.identity);
        let boundary = taken(self.boundary.as_slice());
        let resource = taken(self.resource.as_slice());
        let grants = self.grants.iter().filter(|grant| grant.counts(mood));
        let grants: Vec<Named<'_>> = grants.map(|grant| grant.entry.named()).collect();
        let identity = named(&identity);
        let asked: Resource<'_> = case.part.subject.resource(case.principal.account());
        let policies = Policies {
            identity: &identity,
            boundary: named(&boundary).pop(),
            session: None,
            resource: named(&resource).pop(),
            grants: &grants,
            endpoint: None,
            guardrails: &[],
            rule: asked.rule,
        };
        case.principal.with_caller(|caller| {
            let request = policy::Request {
                action: &case.part.action,
                resource: asked.matched(),
                resource_account: asked.owner.map(AccountId::as_str),
                caller,
                context: circumstances,
            };
            let decision = circumstances.decide(|| policy::evaluate(&request, &policies));
            let decision = if case.forgives(mood, &decision) {
                Decision::Allowed { by: None }
            } else {
                decision
            };
            then(&decision, &policy::matching(&request, &policies))
        })
    }

    /// Whether the answer hangs on a request, and on what of it.
    pub(super) fn doubt(&self, case: &Case<'_>) -> Doubt {
        let judge = |towards| {
            self.judge(Mood::To(towards), case, |decision, matched| {
                (
                    decision.is_allowed(),
                    self.keys(matched, case.circumstances),
                )
            })
        };
        let (allowed, keys) = judge(Towards::Applying);
        if keys.is_empty() {
            return Doubt {
                hope: allowed,
                certainty: allowed,
                keys,
            };
        }
        Doubt {
            hope: judge(Towards::Allowing).0,
            certainty: judge(Towards::Denying).0,
            keys,
        }
    }

    /// The open keys of the statements that apply, or would.
    fn keys(
        &self,
        matched: &[(Cause<'_>, Effect)],
        circumstances: &Circumstances<'_>,
    ) -> Vec<String> {
        let mut keys = BTreeSet::new();
        for (cause, _) in matched {
            let entries: &[Entry<'_>] = match cause.kind {
                Kind::Identity => &self.identity,
                Kind::Boundary => self.boundary.as_slice(),
                Kind::Resource => self.resource.as_slice(),
                Kind::Session | Kind::Endpoint | Kind::Guardrail => &[],
            };
            for entry in entries.iter().filter(|entry| entry.name == cause.policy) {
                keys.extend(entry.policy.context_keys_of(cause.statement));
            }
        }
        keys.retain(|key| circumstances.is_open(key));
        for grant in &self.grants {
            let mut causes = matched.iter().map(|(cause, _)| cause);
            if causes.any(|cause| cause.kind == Kind::Resource && cause.policy == grant.entry.name)
            {
                keys.extend(grant.hangs_on.iter().cloned());
            }
        }
        keys.into_iter().collect()
    }
}

impl Grant<'_> {
    /// Whether it is one of the grants that apply.
    fn counts(&self, mood: Mood) -> bool {
        match mood {
            Mood::AsIs | Mood::To(Towards::Denying) => self.hangs_on.is_empty(),
            Mood::To(Towards::Applying | Towards::Allowing) => true,
        }
    }
}

impl Entry<'_> {
    fn named(&self) -> Named<'_> {
        Named {
            name: &self.name,
            policy: self.policy,
        }
    }
}

/// The policy that `subject` brings when `caller` asks.
fn own<'a>(caller: &AccountId, subject: &'a Subject) -> Result<Option<Entry<'a>>, CommonError> {
    if let Some(key) = subject.key() {
        let name = key
            .resource(caller)
            .policy
            .map(|named| named.name.to_owned());
        let policy = key.policy()?;
        return Ok(name
            .zip(policy)
            .map(|(name, policy)| Entry { name, policy }));
    }
    let Some(own) = subject.own_policy() else {
        return Ok(None);
    };
    Ok(Some(Entry {
        name: own.name.to_owned(),
        policy: own.document.policy()?,
    }))
}

type Taken<'a> = (&'a str, Cow<'a, Policy>);

fn take<'a>(
    entries: &'a [Entry<'_>],
    mood: Mood,
    circumstances: &Circumstances<'_>,
) -> Vec<Taken<'a>> {
    let is_open = |key: &str| circumstances.is_open(key);
    let taken = entries.iter().map(|entry| {
        let policy = match mood {
            Mood::AsIs => Cow::Borrowed(entry.policy),
            Mood::To(towards) => entry.policy.resolved(towards, &is_open),
        };
        (entry.name.as_str(), policy)
    });
    taken.collect()
}

fn named<'a>(taken: &'a [Taken<'_>]) -> Vec<Named<'a>> {
    let named = taken.iter().map(|(name, policy)| Named { name, policy });
    named.collect()
}

/// The principal's own policies and those of its groups, under names that say whose each is.
///
/// SECURITY: these are the policies by which requests are judged, one by one. Fails unless each of
/// them is named, so that no answer leaves one out.
fn granting(principal: &Principal) -> Result<Vec<Entry<'_>>, CommonError> {
    let sources = principal.identity_policies()?;
    let (embedded, mut attached): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(Source::is_embedded);
    let embedded = embedded.iter().map(|source| Entry {
        name: source.title(),
        policy: source.policy,
    });
    let mut entries: Vec<Entry<'_>> = embedded.collect();
    for (holder, grants) in principal.holders() {
        for arn in &grants.attached {
            let at = attached.iter().position(|source| source.title() == *arn);
            let source = attached.swap_remove(at.ok_or_else(differ)?);
            entries.push(Entry {
                name: format!("{holder} → {arn}"),
                policy: source.policy,
            });
        }
    }
    if attached.is_empty() {
        Ok(entries)
    } else {
        Err(differ())
    }
}

fn differ() -> CommonError {
    CommonError::internal("a principal's policies are not those that its records grant")
}
