//! Why somebody may or may not do something, and who may: for the operator of the host.
//!
//! Rules kept here: the answer is the policy engine's own, on the records as they are now; what
//! only a request could tell (its address, its parameters) is absent unless the question gives it,
//! and an answer that hangs on such a key says so and names it; nothing is changed. The event of
//! the question is left by the operator's door, which is the only way in here.

mod asked;
mod bearing;
mod circumstances;
mod subject;
mod who_can;

use crate::app::App;
use crate::service::SERVICES;
use asked::Asked;
use base::{AccountId, Arn, CommonError, RegionName};
use bearing::{Bearing, Mood};
use circumstances::{Circumstances, World};
use policy::{Cause, Decision, Effect};
use serde::{Deserialize, Serialize};
use store::StoreError;
use subject::Subject;

/// May this principal do that to this resource, and why?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The ARN of an account's root, a user, a role (as a session of it) or a session.
    pub principal: String,
    /// Such as `secretsmanager:GetSecretValue`.
    pub action: String,
    /// An ARN, `*`, or the name of a secret.
    pub resource: String,
    /// The account of a secret that is named without an ARN. `None`: the principal's.
    pub account: Option<AccountId>,
    /// The Region that the request goes to, and of a secret that is named without an ARN.
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
    /// The condition keys that it depends on, and the customer's key that has to be usable too.
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
    /// Key policies and grants have the last word, and are not known here.
    #[error(
        "the policies and grants of keys are not explained yet, and without them no answer \
             about an action of KMS would be true"
    )]
    KeyPolicies,
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
        if question.action.to_ascii_lowercase().starts_with("kms:") {
            return Err(ExplainError::KeyPolicies);
        }
        if question.action.to_ascii_lowercase().starts_with("lambda:") {
            return Err(ExplainError::FunctionPolicies);
        }
        let mut tx = self.ledger.begin();
        let asked = Asked::find(&mut tx, &question.principal, self.clock.now()).await?;
        let account = question.account.as_ref();
        let account = account.unwrap_or_else(|| asked.principal.account());
        let region = question.region.clone();
        let region = region.or_else(|| named_region(&question.resource));
        let region = asked_region(&question.action, region.unwrap_or(question.home.clone()));
        let subject = Subject::find(
            &mut tx,
            &question.resource,
            &question.action,
            account,
            &region,
        )
        .await?;
        let bearing = Bearing::of(&asked.principal, &subject)?;
        let world = World::new(
            &asked.principal,
            &subject,
            &region,
            &question.context,
            self.clock.now(),
        );
        Ok(world.look(|circumstances| {
            explanation(&question.action, &asked, &subject, &bearing, circumstances)
        }))
    }
}

fn explanation(
    action: &str,
    asked: &Asked,
    subject: &Subject,
    bearing: &Bearing<'_>,
    circumstances: &Circumstances<'_>,
) -> Explanation {
    let principal = &asked.principal;
    let doubt = bearing.doubt(action, principal, subject, circumstances);
    let conditional = doubt.is_open() || subject.key_beside(action).is_some();
    bearing.judge(
        Mood::AsIs,
        action,
        principal,
        subject,
        circumstances,
        |decision, matched| Explanation {
            principal: principal.arn().to_owned(),
            action: action.to_owned(),
            resource: subject.matched().to_owned(),
            decision: decision.outcome().to_owned(),
            policy_type: decision.kind().map(|kind| kind.name().to_owned()),
            reason: reason(decision, action),
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
            conditional,
            missing_keys: doubt.keys,
            note: subject.obstacle(principal, action, decision.is_allowed()),
        },
    )
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
fn reason(decision: &Decision<'_>, action: &str) -> String {
    if let Some(refusal) = decision.reason(action) {
        return refusal;
    }
    match decision.cause() {
        Some(cause) => format!("by {} {}", cause.kind.article(), cause.kind.name()),
        None => String::from("as the root of the account that owns the resource"),
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

impl From<StoreError> for ExplainError {
    fn from(error: StoreError) -> Self {
        Self::Common(error.into())
    }
}

#[cfg(test)]
mod tests;
