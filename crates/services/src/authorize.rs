//! The one place that decides whether a caller may act, and the proof that it did.
//!
//! INVARIANT: a [`Permit`] is made only here: for a caller who may, or for work of the server's own,
//! which has a [`Door`] to show. Whatever writes a record, opens a value, or tells
//! whether a secret exists takes one, so an operation that forgot to authorize does not compile.

use crate::app::Door;
use crate::audit::Facts;
use crate::context::{Conditions, Keys};
use crate::identity::{Principal, Source, WebIdentity};
use base::{AccountId, CommonError, Decided, Denial};
use policy::{Cause, Decision, Kind, Named, Policies, Rule};

/// The IAM action that an operation needs, such as `secretsmanager:GetSecretValue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action(pub &'static str);

/// What an action is done to, as far as authorization needs to know it.
#[derive(Default)]
pub struct Resource<'a> {
    /// The account whose resource it is. `None` when it lies outside what this endpoint serves
    /// (an ARN of another Region): then nobody may.
    pub(crate) owner: Option<&'a AccountId>,
    /// How the denial names it: the full ARN of a resource that exists, else the identifier as
    /// it was sent (behaviour reference §1.6); IAM has ways of its own. `None` for actions that
    /// have no resource.
    pub(crate) name: Option<String>,
    /// What policies match against, where that is not `name`.
    pub(crate) arn: Option<String>,
    /// The resource's own policy.
    pub(crate) policy: Option<Named<'a>>,
    /// Grants on the resource that apply to the request.
    pub(crate) grants: &'a [Named<'a>],
    /// Whether that policy must allow even what an identity policy of the same account allows.
    pub(crate) rule: Rule,
    /// The resource's tags.
    pub(crate) tags: Option<&'a crate::tags::Tags>,
    /// Whether a refusal leaves out why: so that it is the same for a resource that does not exist.
    pub(crate) hides_reason: bool,
}

impl<'a> Resource<'a> {
    /// For actions that are done to nothing in particular, in the account `owner`.
    pub(crate) fn none(owner: &'a AccountId) -> Self {
        Self {
            owner: Some(owner),
            ..Self::default()
        }
    }

    /// The resource called `name`, an ARN or what was sent for one.
    pub(crate) fn named(owner: &'a AccountId, name: String) -> Self {
        Self {
            owner: Some(owner),
            name: Some(name),
            ..Self::default()
        }
    }

    /// The same, matched by policies as `arn`.
    #[must_use]
    pub(crate) fn matched_as(mut self, arn: String) -> Self {
        self.arn = Some(arn);
        self
    }

    /// The same, which denials call `name`. Policies match what it was named by before.
    #[must_use]
    pub(crate) fn called(mut self, name: String) -> Self {
        let before = self.name.replace(name);
        self.arn = self.arn.or(before);
        self
    }

    /// The same, with these tags.
    #[must_use]
    pub(crate) fn tagged(mut self, tags: Option<&'a crate::tags::Tags>) -> Self {
        self.tags = tags;
        self
    }

    /// What policies match against.
    pub(crate) fn matched(&self) -> &str {
        let matched = self.arn.as_deref().or(self.name.as_deref());
        matched.unwrap_or("*")
    }
}

/// Proof that the caller may do this one action to this one resource.
#[derive(Debug)]
pub struct Permit {
    resource: Option<String>,
    resource_account: Option<AccountId>,
    decided: Option<Decided>,
}

impl Permit {
    /// For work that comes in by a door of the server's own: nobody calls, so nobody is to be
    /// asked.
    pub(crate) const fn for_service(_: &Door) -> Self {
        Self::undecided()
    }

    /// For fixtures.
    #[cfg(test)]
    pub(crate) const fn of_tests() -> Self {
        Self::undecided()
    }

    const fn undecided() -> Self {
        Self {
            resource: None,
            resource_account: None,
            decided: None,
        }
    }

    fn to(resource: &Resource<'_>, decided: Decided) -> Self {
        Self {
            resource: Some(resource.matched())
                .filter(|name| name.starts_with("arn:"))
                .map(str::to_owned),
            resource_account: resource.owner.cloned(),
            decided: Some(decided),
        }
    }

    /// The resource's ARN, if it has one, as the audit record shows it.
    pub(crate) fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// The account that owns the resource.
    pub(crate) fn resource_account(&self) -> Option<&AccountId> {
        self.resource_account.as_ref()
    }

    /// What decided.
    pub(crate) fn decided(&self) -> Option<&Decided> {
        self.decided.as_ref()
    }
}

/// That a caller may not, and by what kind of policy.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The kind that denied, or that was missing an Allow.
    pub(crate) kind: Option<Kind>,
    /// Whether a statement denies it, rather than none allowing it.
    pub(crate) is_explicit: bool,
    pub(crate) denial: Denial,
}

impl From<Refused> for CommonError {
    fn from(refused: Refused) -> Self {
        Self::AccessDenied(refused.denial)
    }
}

/// `title` tells what the policy of the statement that decided is called.
fn decided(
    Action(action): Action,
    decision: &Decision<'_>,
    is_own: bool,
    title: impl FnOnce(&Cause<'_>) -> String,
) -> Decided {
    let cause = decision.cause();
    Decided {
        outcome: decision.outcome(),
        action,
        policy_type: decision.kind().map(Kind::name),
        policy: cause.as_ref().map(title),
        statement: cause.map(|cause| cause.statement + 1),
        sid: cause.and_then(|cause| cause.sid.map(str::to_owned)),
        is_own,
    }
}

/// Decides.
///
/// # Errors
/// [`CommonError::AccessDenied`] with AWS's text; [`CommonError::Internal`] when a policy that
/// applies cannot be read.
pub(crate) fn authorize(
    principal: &Principal,
    facts: &Facts<'_>,
    action: Action,
    resource: Resource<'_>,
    keys: &Keys<'_>,
) -> Result<Permit, CommonError> {
    Ok(ask(principal, facts, action, resource, keys)??)
}

/// Decides, for whom a refusal may not be the end.
///
/// # Errors
/// [`CommonError::Internal`] when a policy that applies cannot be read.
pub(crate) fn ask(
    principal: &Principal,
    facts: &Facts<'_>,
    action: Action,
    resource: Resource<'_>,
    keys: &Keys<'_>,
) -> Result<Result<Permit, Refused>, CommonError> {
    let conditions = Conditions::of(principal, facts, &resource, keys);
    let is_own = resource.owner == Some(principal.account());
    let sources = Sources::of(principal)?;
    Ok(sources.lend(facts, &resource, |policies| {
        let decision = decide(principal, action, &resource, &conditions, policies);
        let decided = decided(action, &decision, is_own, |cause| sources.title(cause));
        if decision.is_allowed() {
            return Ok(Permit::to(&resource, decided));
        }
        let reason = decision.reason(action.0).unwrap_or_default();
        let text = denial(principal.arn(), action, &resource, &reason);
        Err(Refused {
            kind: decision.kind(),
            is_explicit: matches!(decision, Decision::ExplicitlyDenied { .. }),
            denial: Denial {
                text,
                decided: Some(Box::new(decided)),
            },
        })
    }))
}

/// Decides whether a web identity may, which has no policies of its own: the resource's policy
/// has to trust it.
///
/// # Errors
/// [`CommonError::AccessDenied`] with AWS's text.
pub(crate) fn trusts(
    web_identity: &WebIdentity,
    facts: &Facts<'_>,
    action: Action,
    resource: &Resource<'_>,
    keys: &Keys<'_>,
) -> Result<Permit, CommonError> {
    let conditions = Conditions::of_web_identity(web_identity, facts, resource, keys);
    let identity = policy::Identity::Federated {
        provider: &web_identity.provider,
    };
    let caller = policy::Caller {
        account: "",
        identity,
    };
    let policies = Policies {
        resource: resource.policy,
        endpoint: facts.endpoint.map(|endpoint| endpoint.named()),
        rule: resource.rule,
        ..Policies::default()
    };
    let request = asked(caller, action, resource, &conditions);
    let decision = certain(&conditions, || policy::evaluate(&request, &policies));
    let decided = decided(action, &decision, false, untitled);
    if decision.is_allowed() {
        return Ok(Permit::to(resource, decided));
    }
    let text = format!("Not authorized to perform {}", action.0);
    Err(denied(text, decided))
}

/// Leave for whoever holds what this server sent to one endpoint alone: the caller is nobody who could be
/// asked about. SECURITY: it is for the operation to look at what is held before it does anything.
pub(crate) fn bearer(resource: &Resource<'_>) -> Permit {
    Permit {
        resource: Some(resource.matched())
            .filter(|name| name.starts_with("arn:"))
            .map(str::to_owned),
        resource_account: resource.owner.cloned(),
        decided: None,
    }
}

fn denied(text: String, decided: Decided) -> CommonError {
    CommonError::AccessDenied(Denial {
        text,
        decided: Some(Box::new(decided)),
    })
}

/// Decides whether a service of AWS's may, in its own name: it has no policies, so the resource's
/// has to allow.
///
/// # Errors
/// [`CommonError::AccessDenied`] with AWS's text.
pub(crate) fn service_may(
    service: &str,
    facts: &Facts<'_>,
    action: Action,
    resource: &Resource<'_>,
    keys: &Keys<'_>,
) -> Result<Permit, CommonError> {
    let conditions = Conditions::of_service(service, facts, resource, keys);
    let caller = policy::Caller {
        account: "",
        identity: policy::Identity::Service { name: service },
    };
    let policies = Policies {
        resource: resource.policy,
        rule: resource.rule,
        ..Policies::default()
    };
    let request = asked(caller, action, resource, &conditions);
    let decision = certain(&conditions, || policy::evaluate(&request, &policies));
    let decided = decided(action, &decision, false, untitled);
    if decision.is_allowed() {
        return Ok(Permit::to(resource, decided));
    }
    let reason = decision.reason(action.0).unwrap_or_default();
    let text = denial(service, action, resource, &reason);
    Err(denied(text, decided))
}

/// The name of a policy that has no holder to be named with.
fn untitled(cause: &Cause<'_>) -> String {
    cause.policy.to_owned()
}

/// Asks the endpoint alone, for an action that needs nobody else's leave.
///
/// # Errors
/// [`CommonError::AccessDenied`] with AWS's text.
pub(crate) fn pass_endpoint(
    principal: &Principal,
    facts: &Facts<'_>,
    action: Action,
) -> Result<(), CommonError> {
    let Some(endpoint) = facts.endpoint else {
        return Ok(());
    };
    let resource = Resource::none(principal.account());
    let keys = Keys::none();
    let conditions = Conditions::of(principal, facts, &resource, &keys);
    let policies = Policies {
        endpoint: Some(endpoint.named()),
        ..Policies::default()
    };
    let decision = decide(principal, action, &resource, &conditions, &policies);
    // The endpoint is asked first, so whom only a grant of its own is missing has passed it.
    let missing = Decision::ImplicitlyDenied {
        missing: Kind::Identity,
    };
    if decision.is_allowed() || decision == missing {
        return Ok(());
    }
    let decided = decided(action, &decision, true, untitled);
    let reason = decision.reason(action.0).unwrap_or_default();
    let text = denial(principal.arn(), action, &resource, &reason);
    Err(denied(text, decided))
}

/// Whether `action` is allowed, with nothing noted.
///
/// # Errors
/// [`CommonError::Internal`] when a policy that applies cannot be read.
pub(crate) fn allows(
    principal: &Principal,
    facts: &Facts<'_>,
    action: Action,
    resource: &Resource<'_>,
    keys: &Keys<'_>,
) -> Result<bool, CommonError> {
    let conditions = Conditions::of(principal, facts, resource, keys);
    let sources = Sources::of(principal)?;
    Ok(sources.lend(facts, resource, |policies| {
        decide(principal, action, resource, &conditions, policies).is_allowed()
    }))
}

/// The engine's answer under `policies`.
pub(crate) fn decide<'a>(
    principal: &Principal,
    action: Action,
    resource: &Resource<'_>,
    conditions: &Conditions<'_>,
    policies: &Policies<'a>,
) -> Decision<'a> {
    certain(conditions, || {
        principal.with_caller(|caller| {
            policy::evaluate(&asked(caller, action, resource, conditions), policies)
        })
    })
}

/// What `evaluate` decides, unless it allows and asked for a tag key that has two values.
pub(crate) fn certain<'a>(
    conditions: &Conditions<'_>,
    evaluate: impl FnOnce() -> Decision<'a>,
) -> Decision<'a> {
    conditions.take_ambiguity();
    let decision = evaluate();
    if conditions.take_ambiguity() && decision.is_allowed() {
        let missing = Kind::Identity;
        return Decision::ImplicitlyDenied { missing };
    }
    decision
}

/// The question as the engine takes it.
fn asked<'a>(
    caller: policy::Caller<'a>,
    Action(action): Action,
    resource: &'a Resource<'_>,
    conditions: &'a Conditions<'_>,
) -> policy::Request<'a> {
    policy::Request {
        action,
        resource: resource.matched(),
        resource_account: resource.owner.map(AccountId::as_str),
        caller,
        context: conditions,
    }
}

/// The policies that a caller brings to every request.
struct Sources<'a> {
    identity: Vec<Source<'a>>,
    boundary: Option<Source<'a>>,
    session: Option<Vec<Source<'a>>>,
}

impl<'a> Sources<'a> {
    /// # Errors
    /// [`CommonError::Internal`] when one of them cannot be read.
    fn of(principal: &'a Principal) -> Result<Self, CommonError> {
        Ok(Self {
            identity: principal.identity_policies()?,
            boundary: principal.boundary()?,
            session: principal.session_policies()?,
        })
    }

    /// Lends `then` every policy that bears on a request for `resource`.
    fn lend<T>(
        &self,
        facts: &Facts<'_>,
        resource: &Resource<'_>,
        then: impl FnOnce(&Policies<'_>) -> T,
    ) -> T {
        let identity: Vec<Named<'_>> = self.identity.iter().map(Source::named).collect();
        let session: Option<Vec<Named<'_>>> = self
            .session
            .as_ref()
            .map(|sources| sources.iter().map(Source::named).collect());
        then(&Policies {
            identity: &identity,
            boundary: self.boundary.as_ref().map(Source::named),
            session: session.as_deref(),
            resource: resource.policy,
            grants: resource.grants,
            endpoint: facts.endpoint.map(|endpoint| endpoint.named()),
            guardrails: &[],
            rule: resource.rule,
        })
    }

    /// What the policy of a statement is called. Made for the one that decided only: a request
    /// pays for one name, however many policies there are.
    fn title(&self, cause: &Cause<'_>) -> String {
        match (cause.kind, self.identity.get(cause.place)) {
            (Kind::Identity, Some(source)) => source.title(),
            _ => cause.policy.to_owned(),
        }
    }
}

/// The text of a denial (behaviour reference §1.6).
fn denial(caller: &str, Action(action): Action, resource: &Resource<'_>, reason: &str) -> String {
    let on_resource = resource
        .name
        .as_ref()
        .map(|name| format!(" on resource: {name}"))
        .unwrap_or_default();
    let text = format!("User: {caller} is not authorized to perform: {action}{on_resource}");
    if resource.hides_reason {
        text
    } else {
        format!("{text} {reason}")
    }
}
