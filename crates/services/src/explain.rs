//! Why somebody may or may not do something, and who may: for the operator of the host.
//!
//! Rules kept here: the answer is the policy engine's own, on the records as they are now; what
//! only a request could tell (its address, its parameters) is absent unless the question gives it,
//! and an answer that hangs on such a key says so and names it; nothing is changed. The event of
//! the question is left by the operator's door, which is the only way in here.

mod asked;
mod bearing;
mod circumstances;
mod matter;
mod part;
mod subject;
mod who_can;

use crate::app::App;
use crate::identity::{Identity, Principal};
use crate::service::SERVICES;
use crate::tx::Tx;
use asked::asked_principal;
use base::{AccountId, Arn, CommonError, RegionName};
use bearing::{Doubt, Mood};
use matter::{Matter, VERSION_ID};
use part::{Case, Imagined, Part};
use policy::{Cause, Decision, Effect};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::StoreError;
use subject::{DEFAULT_KEY_NOTE, Sought};

/// May this principal do that to this resource, and why?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The ARN of an account's root, a user, a role (as a session of it) or a session.
    pub principal: String,
    /// Such as `secretsmanager:GetSecretValue`.
    pub action: String,
    /// An ARN, `*`, or the name of a secret or key.
    pub resource: String,
    /// The account of a secret or key that is named without an ARN. `None`: the principal's.
    pub account: Option<AccountId>,
    /// The Region that the request goes to, and of a secret or key that is named without an ARN.
    /// `None`: that of the resource's ARN, or `home`. IAM has but one, whatever stands here.
    pub region: Option<RegionName>,
    /// The Region of requests of which nothing else tells it: the deployment's.
    pub home: RegionName,
    /// Condition keys with their values, which win over what is known.
    pub context: Vec<(String, String)>,
}

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Explanation {
    /// Whom the question was about, as policies see it.
    pub principal: String,
    /// What was to be done.
    pub action: String,
    /// To what, as policies match it.
    pub resource: String,
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub decision: String,
    /// The kind of policy that decided, or that would have had to allow.
    pub policy_type: Option<String>,
    /// What decided, in words.
    pub reason: String,
    /// The statement that decided, if one did.
    pub by: Option<Matched>,
    /// Every statement that applies, whichever had the last word.
    pub matched: Vec<Matched>,
    /// Whether the answer may be another one, depending on `missing_keys`.
    pub conditional: bool,
    /// Condition keys without a value that statements about this action and resource ask for.
    pub missing_keys: Vec<String>,
    /// The answer to the same question about the key that is needed as well: to use it for the value
    /// of a secret, or because an alias means it. The decision above is that of both. `None`: none is,
    /// or a service's own, from which nothing keeps the principal.
    pub key: Option<Box<Explanation>>,
    /// What stands in the way beside policies.
    pub note: Option<String>,
}

/// A statement that applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Matched {
    /// `Allow` or `Deny`.
    pub effect: String,
    /// The kind of its policy.
    pub policy_type: String,
    /// Its policy, and how it comes to apply.
    pub policy: String,
    /// Its position, from one.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
}

/// Somebody who may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Access {
    /// The ARN of a root, user, role or session.
    pub principal: String,
    /// The policies that grant it.
    pub via: Vec<String>,
    /// Whether some requests are refused all the same, depending on `keys`.
    pub conditional: bool,
    /// What it depends on: condition keys.
    pub keys: Vec<String>,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// Not an ARN of somebody who can ask.
    #[error("`{0}` names no principal: give the ARN of a root, a user, a role or a session")]
    NotAPrincipal(String),
    /// There is nobody of this name.
    #[error("there is no principal `{0}`")]
    NoPrincipal(String),
    /// Not one action.
    #[error("`{0}` is no action: write it like `secretsmanager:GetSecretValue`")]
    NotAnAction(String),
    /// Only secrets have names by themselves.
    #[error("`{0}` names no resource: give an ARN, `*`, or the name of a secret")]
    NotAResource(String),
    /// What is done to keys is decided by the policy of the one that is meant.
    #[error("`{0}` names no key: give a key, an alias, or the ARN of one")]
    NotAKey(String),
    /// There is no such key.
    #[error("there is no key `{0}`")]
    NoKey(String),
    /// Of an action on functions, whose own policies are not among what is looked at.
    #[error(
        "the policies of functions are not explained yet, and without them no answer about an action of \
         Lambda would be true"
    )]
    FunctionPolicies,
    /// There is no such secret.
    #[error("there is no secret `{0}`")]
    NoSecret(String),
    /// Something of ours failed.
    #[error(transparent)]
    Common(#[from] CommonError),
}

impl App {
    /// Answers `question`.
    ///
    /// # Errors
    /// When the question is about nobody or nothing; a failure of ours.
    pub async fn explain(&self, question: &Question) -> Result<Explanation, ExplainError> {
        is_action(&question.action)?;
        if question.action.to_ascii_lowercase().starts_with("lambda:") {
            return Err(ExplainError::FunctionPolicies);
        }
        let mut tx = self.ledger.begin();
        let principal = &asked_principal(&mut tx, &question.principal, self.clock.now()).await?;
        let account = question.account.as_ref();
        let region = question.region.clone();
        let region = region.or_else(|| named_region(&question.resource));
        let region = asked_region(&question.action, region.unwrap_or(question.home.clone()));
        let sought = Sought {
            resource: &question.resource,
            action: &question.action,
            account: account.unwrap_or_else(|| principal.account()),
            region: &region,
            given: &question.context,
        };
        let matter = Matter::find(&mut tx, &sought).await?;
        let imagined = Imagined {
            app: self,
            region: &region,
            given: &question.context,
        };
        let main = matter.main.explained(&mut tx, principal, imagined).await?;
        if matter.is_locked_to(principal) {
            return Ok(main.alone(Some(DEFAULT_KEY_NOTE)));
        }
        let mut ways = Vec::with_capacity(matter.ways.len());
        for way in &matter.ways {
            let mut parts = Vec::with_capacity(way.parts.len());
            for part in &way.parts {
                parts.push(part.explained(&mut tx, principal, imagined).await?);
            }
            ways.push(Explained::any(parts));
        }
        Ok(main.with(ways))
    }
}

/// The answer about one part.
struct Explained {
    doubt: Doubt,
    /// Whether it is the use of a service's own key.
    is_managed: bool,
    explanation: Explanation,
}

impl Part {
    async fn explained(
        &self,
        tx: &mut Tx<'_>,
        principal: &Principal,
        imagined: Imagined<'_>,
    ) -> Result<Explained, ExplainError> {
        self.weigh(tx, principal, imagined, |case| Explained {
            doubt: case.doubt(),
            is_managed: self.subject.key().is_some_and(|key| key.is_managed()),
            explanation: explanation(case),
        })
        .await
    }
}

impl Explained {
    /// The answer if nothing else has to be allowed. `note`: what stands in the way of who is.
    fn alone(self, note: Option<&str>) -> Explanation {
        let mut told = self.explanation;
        let note = note.filter(|_| told.is_allowed());
        told.note = told.note.or(note.map(str::to_owned));
        told.conditional = self.doubt.is_open();
        told.missing_keys = self.doubt.keys;
        told
    }

    /// The best of the answers about parts of which one suffices.
    fn any(parts: Vec<Self>) -> Option<Self> {
        let hope = parts.iter().any(|part| part.doubt.hope);
        let certainty = parts.iter().any(|part| part.doubt.certainty);
        let keys = parts
            .iter()
            .flat_map(|part| part.doubt.keys.iter().cloned());
        let keys: BTreeSet<String> = keys.collect();
        let position = |suits: fn(&Explanation) -> bool| {
            let mut told = parts.iter().map(|part| &part.explanation);
            told.position(suits)
        };
        let usable = position(|told| told.is_allowed() && told.note.is_none());
        let allowed = usable.or_else(|| position(Explanation::is_allowed));
        let best = parts.into_iter().nth(allowed.unwrap_or(0))?;
        Some(Self {
            doubt: Doubt {
                hope,
                certainty,
                keys: keys.into_iter().collect(),
            },
            ..best
        })
    }

    /// The answer if one of each of the ways has to be allowed as well, of which the first is meant.
    fn with(self, ways: Vec<Option<Self>>) -> Explanation {
        let mut ways: Vec<Self> = ways.into_iter().flatten().collect();
        if ways.is_empty() {
            return self.alone(None);
        }
        let doubt = self.doubt.and(ways.iter().map(|way| &way.doubt));
        let is_silent = ways.iter().all(|way| way.is_managed && way.doubt.certainty);
        let meant = ways.swap_remove(0);
        let key = meant.alone(None);
        let mut told = self.explanation;
        if told.is_allowed() && !key.is_allowed() {
            told.decision.clone_from(&key.decision);
            told.policy_type.clone_from(&key.policy_type);
            told.reason = format!("{} on the key `{}`", key.reason, key.resource);
            told.by.clone_from(&key.by);
        }
        if told.is_allowed() {
            told.note = told.note.or_else(|| key.note.clone());
        }
        told.conditional = doubt.is_open();
        told.missing_keys = doubt.keys;
        told.key = Some(Box::new(key)).filter(|_| !is_silent);
        told
    }
}

impl Doubt {
    /// Of what has to be allowed beside it: one of each of these.
    fn and<'a>(&self, ways: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let mut keys: BTreeSet<String> = self.keys.iter().cloned().collect();
        if self.hope {
            keys.extend(ways.clone().flat_map(|way| way.keys.iter().cloned()));
            let mut ends = ways.clone().map(|way| (way.hope, way.certainty));
            let first = ends.next();
            if ends.any(|other| Some(other) != first) {
                keys.insert(VERSION_ID.to_owned());
            }
        }
        Self {
            hope: self.hope && ways.clone().any(|way| way.hope),
            certainty: self.certainty && ways.clone().all(|way| way.certainty),
            keys: keys.into_iter().collect(),
        }
    }
}

impl Explanation {
    fn is_allowed(&self) -> bool {
        self.decision == ALLOWED
    }
}

fn explanation(case: &Case<'_>) -> Explanation {
    let Case {
        part, principal, ..
    } = case;
    case.bearing.judge(Mood::AsIs, case, |decision, matched| {
        let resource = part.subject.resource(principal.account());
        Explanation {
            principal: principal.arn().to_owned(),
            action: part.action.clone(),
            resource: resource.matched().to_owned(),
            decision: decision.outcome().to_owned(),
            policy_type: decision.kind().map(|kind| kind.name().to_owned()),
            reason: reason(decision, case),
            by: decision.cause().map(|cause| {
                let effect = match decision {
                    Decision::Allowed { .. } => Effect::Allow,
                    Decision::ExplicitlyDenied { .. } | Decision::ImplicitlyDenied { .. } => {
                        Effect::Deny
                    }
                };
                Matched::of(&cause, effect)
            }),
            matched: matched
                .iter()
                .map(|(cause, effect)| Matched::of(cause, *effect))
                .collect(),
            conditional: false,
            missing_keys: Vec::new(),
            key: None,
            note: part.subject.obstacle(&part.action, decision.is_allowed()),
        }
    })
}

impl Matched {
    fn of(cause: &Cause<'_>, effect: Effect) -> Self {
        Self {
            effect: match effect {
                Effect::Allow => String::from("Allow"),
                Effect::Deny => String::from("Deny"),
            },
            policy_type: cause.kind.name().to_owned(),
            policy: cause.policy.to_owned(),
            statement: cause.statement + 1,
            sid: cause.sid.map(str::to_owned),
        }
    }
}

/// The end of AWS's refusal, or what grants.
fn reason(decision: &Decision<'_>, case: &Case<'_>) -> String {
    if let Some(refusal) = decision.reason(&case.part.action) {
        return refusal;
    }
    match (decision.cause(), case.principal.identity()) {
        (Some(cause), _) => format!("by {} {}", cause.kind.article(), cause.kind.name()),
        (None, Identity::Root) => String::from("as the root of the account that owns the resource"),
        (None, Identity::User(_) | Identity::Role(_)) => {
            String::from("as the key of a service, from which no bound keeps its callers")
        }
    }
}

fn is_action(action: &str) -> Result<(), ExplainError> {
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    match action.split_once(':') {
        Some((service, name)) if is_word(service) && is_word(name) => Ok(()),
        _ => Err(ExplainError::NotAnAction(action.to_owned())),
    }
}

/// The Region that an ARN names.
fn named_region(resource: &str) -> Option<RegionName> {
    let arn = Arn::parse(resource).ok()?;
    RegionName::parse(&arn.region).ok()
}

/// The Region that policies see when `action` is asked of `region`.
fn asked_region(action: &str, region: RegionName) -> RegionName {
    let prefix = action.split_once(':').map(|(service, _)| service);
    let service = SERVICES
        .iter()
        .find(|service| prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(service.name)));
    let only = service.and_then(|service| service.only_region);
    only.and_then(|only| RegionName::parse(only).ok())
        .unwrap_or(region)
}

const ALLOWED: &str = "allowed";

impl From<StoreError> for ExplainError {
    fn from(error: StoreError) -> Self {
        Self::Common(error.into())
    }
}

#[cfg(test)]
mod tests;
