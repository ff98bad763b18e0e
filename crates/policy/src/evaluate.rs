//! The decision: which of all the policies that apply to a request has the last word.
//!
//! Rules kept here:
//! - An explicit `Deny` in any policy wins.
//! - Guardrails and the endpoint bound everyone; a permissions boundary and the session's policies
//!   bound what the identity's own policies grant.
//! - Within an account the identity's policies or the resource's suffice. The resource's policy
//!   grants to a user that it names beside its boundary, to a session named by its own ARN beside
//!   boundary and session policies, and to a role, and to everyone, within both. Naming the account only delegates: the identity's
//!   policies must then allow.
//! - Across accounts, both sides must allow.
//! - Under [`Rule::ResourceRequired`] the resource's policy must allow, directly or by delegation,
//!   whatever the identity's policies say. This holds for the account's root too.
//! - A grant on the resource lets in whom it names on its own, whatever account it is of: a user
//!   within its session, a role within boundary and session; what names an account delegates.
//! - The root of the account that owns the resource otherwise needs nobody's grant.
//! - Services, web identities and strangers have no policies of their own: the resource's decides.

use crate::decision::{Cause, Decision, Kind};
use crate::document::{Effect, Policy};
use crate::principal::Reach;
use crate::request::{Identity, Request};
use crate::statement::{Query, Statement};
use std::slice::from_ref;

/// A policy and what explanations call it.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// A policy ARN, the name of an inline policy.
    pub name: &'a str,
    /// The policy.
    pub policy: &'a Policy,
}

/// The policies that apply to a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    /// Those of the caller: its own, its groups', its role's.
    pub identity: &'a [Named<'a>],
    /// The caller's permissions boundary.
    pub boundary: Option<Named<'a>>,
    /// What the session was given, a union. `None` when it was given nothing and is unrestricted.
    pub session: Option<&'a [Named<'a>]>,
    /// That of the resource.
    pub resource: Option<Named<'a>>,
    /// Grants on the resource that apply to the request, each in the form of a resource's policy:
    /// what they allow needs nobody else's leave.
    pub grants: &'a [Named<'a>],
    /// That of the private endpoint the request came by.
    pub endpoint: Option<Named<'a>>,
    /// Those every one of which must allow.
    pub guardrails: &'a [Named<'a>],
    /// How grants of the identity and of the resource go together.
    pub rule: Rule,
}

/// How grants of the identity and of the resource go together within an account.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Rule {
    /// Either suffices.
    #[default]
    Union,
    /// The resource's policy must allow too: KMS keys, role trust.
    ResourceRequired,
}

/// Decides whether the request may go on.
///
/// Where identity and resource both have to allow, the cause of an allowance is the identity's
/// statement; [`matching`] lists the others.
pub fn evaluate<'a>(request: &Request<'_>, policies: &Policies<'a>) -> Decision<'a> {
    decide(request, policies).unwrap_or_else(|refusal| refusal)
}

/// Every statement that matches the request, over all policies: for simulations and explanations.
pub fn matching<'a>(request: &Request<'_>, policies: &Policies<'a>) -> Vec<(Cause<'a>, Effect)> {
    let query = Query::new(request);
    let mut found = Vec::new();
    for part in all(policies) {
        for (index, statement) in part.named.policy.statements.iter().enumerate() {
            if applies(part.kind, statement, &query).is_some() {
                found.push((part.cause(index), statement.effect));
            }
        }
    }
    found
}

fn decide<'a>(
    request: &Request<'_>,
    policies: &Policies<'a>,
) -> Result<Decision<'a>, Decision<'a>> {
    let owner = request.resource_account.ok_or(missing(Kind::Resource))?;
    let grants = Grants::collect(&Query::new(request), policies)?;
    if !grants.guardrails {
        return Err(missing(Kind::Guardrail));
    }
    if !grants.endpoint {
        return Err(missing(Kind::Endpoint));
    }
    let local = owner == request.caller.account;
    if let Some(by) = grants.of_grants() {
        return Ok(Decision::Allowed { by: Some(by) });
    }
    let outcome = match (request.caller.identity, local) {
        (Identity::Root { .. }, _) => grants.of_root(local),
        (Identity::User { .. } | Identity::Session { .. }, true) => grants.within(),
        (Identity::User { .. } | Identity::Session { .. }, false) => grants.across(),
        (Identity::Service { .. } | Identity::Federated { .. } | Identity::Anonymous, _) => {
            let granted = grants.resource.by(Reach::Itself);
            granted.ok_or(Kind::Resource).map(Some)
        }
    };
    match outcome {
        Ok(by) => Ok(Decision::Allowed { by }),
        Err(kind) => Err(missing(kind)),
    }
}

/// Who allows the request, once nobody denies it.
struct Grants<'a> {
    guardrails: bool,
    endpoint: bool,
    resource: ByReach<'a>,
    granted: ByReach<'a>,
    identity: Option<Cause<'a>>,
    boundary: bool,
    session: bool,
    rule: Rule,
}

impl<'a> Grants<'a> {
    /// `Err` for the first statement that denies, in the order in which AWS names them.
    fn collect(query: &Query<'_>, policies: &Policies<'a>) -> Result<Self, Decision<'a>> {
        let scan = |kind, policies: &[Named<'a>]| {
            let mut granted = ByReach::default();
            for part in parts(kind, policies) {
                granted.add(part, query)?;
            }
            Ok(granted)
        };
        let bound = |kind, named: &Option<Named<'a>>| match named {
            None => Ok(true),
            Some(named) => Ok(scan(kind, from_ref(named))?.first().is_some()),
        };
        let mut guardrails = true;
        for part in parts(Kind::Guardrail, policies.guardrails) {
            let mut granted = ByReach::default();
            granted.add(part, query)?;
            guardrails &= granted.first().is_some();
        }
        let endpoint = bound(Kind::Endpoint, &policies.endpoint)?;
        let resource = scan(Kind::Resource, policies.resource.as_slice())?;
        let granted = scan(Kind::Resource, policies.grants)?;
        let identity = scan(Kind::Identity, policies.identity)?.first();
        let boundary = bound(Kind::Boundary, &policies.boundary)?;
        let session = match policies.session {
            None => true,
            Some(session) => scan(Kind::Session, session)?.first().is_some(),
        };
        Ok(Self {
            guardrails,
            endpoint,
            resource,
            granted,
            identity,
            boundary,
            session,
            rule: policies.rule,
        })
    }

    /// What a grant on the resource allows by itself.
    fn of_grants(&self) -> Option<Cause<'a>> {
        let bounded = self.boundary && self.session;
        let delegated = self.granted.by(Reach::Delegated);
        self.granted
            .by(Reach::Itself)
            .or(self.granted.by(Reach::User).filter(|_| self.session))
            .or(self.granted.by(Reach::Role).filter(|_| bounded))
            .or(delegated.filter(|_| bounded && self.identity.is_some()))
    }

    fn of_root(&self, local: bool) -> Result<Option<Cause<'a>>, Kind> {
        if !self.session {
            return Err(Kind::Session);
        }
        if local && self.rule == Rule::Union {
            return Ok(None);
        }
        self.resource.first().ok_or(Kind::Resource).map(Some)
    }

    /// A user or a session, in the account that owns the resource.
    fn within(&self) -> Result<Option<Cause<'a>>, Kind> {
        let bounded = self.boundary && self.session;
        let delegated = self.rule == Rule::Union || self.resource.by(Reach::Delegated).is_some();
        let identity = self.identity.filter(|_| delegated);
        let user = self.resource.by(Reach::User);
        let role = self.resource.by(Reach::Role);
        let granted = identity
            .filter(|_| bounded)
            .or(self.resource.by(Reach::Itself))
            .or(user.filter(|_| self.session))
            .or(role.filter(|_| bounded));
        if granted.is_some() {
            return Ok(granted);
        }
        if user.is_some() {
            return Err(Kind::Session);
        }
        if identity.or(role).is_some() {
            return Err(self.bound());
        }
        if self.rule == Rule::ResourceRequired && self.resource.first().is_none() {
            return Err(Kind::Resource);
        }
        Err(Kind::Identity)
    }

    /// A user or a session of another account than the one that owns the resource.
    fn across(&self) -> Result<Option<Cause<'a>>, Kind> {
        let granted = self.resource.first().is_some();
        if self.rule == Rule::ResourceRequired && !granted {
            return Err(Kind::Resource);
        }
        let identity = self.identity.ok_or(Kind::Identity)?;
        if !(self.boundary && self.session) {
            return Err(self.bound());
        }
        if !granted {
            return Err(Kind::Resource);
        }
        Ok(Some(identity))
    }

    /// Which bound lacks, given that one does.
    fn bound(&self) -> Kind {
        if self.boundary {
            Kind::Session
        } else {
            Kind::Boundary
        }
    }
}

/// The first statement that allows, for each way it can mean the caller.
#[derive(Clone, Copy, Default)]
struct ByReach<'a> {
    delegated: Option<Cause<'a>>,
    role: Option<Cause<'a>>,
    user: Option<Cause<'a>>,
    itself: Option<Cause<'a>>,
}

impl<'a> ByReach<'a> {
    /// Adds what a policy allows; `Err` for the first statement of it that denies.
    fn add(&mut self, part: Part<'a>, query: &Query<'_>) -> Result<(), Decision<'a>> {
        let kind = part.kind;
        for (index, statement) in part.named.policy.about(query.hash) {
            // Only a resource's policy is asked how it means the caller.
            let is_enough = kind != Kind::Resource && self.itself.is_some();
            if is_enough && statement.effect == Effect::Allow {
                continue;
            }
            let Some(reach) = applies(kind, statement, query) else {
                continue;
            };
            let by = part.cause(index);
            match statement.effect {
                Effect::Deny => return Err(Decision::ExplicitlyDenied { by }),
                Effect::Allow => self.slot(reach).get_or_insert(by),
            };
        }
        Ok(())
    }

    fn slot(&mut self, reach: Reach) -> &mut Option<Cause<'a>> {
        match reach {
            Reach::Delegated => &mut self.delegated,
            Reach::Role => &mut self.role,
            Reach::User => &mut self.user,
            Reach::Itself => &mut self.itself,
        }
    }

    fn by(&self, reach: Reach) -> Option<Cause<'a>> {
        match reach {
            Reach::Delegated => self.delegated,
            Reach::Role => self.role,
            Reach::User => self.user,
            Reach::Itself => self.itself,
        }
    }

    /// The most direct.
    fn first(&self) -> Option<Cause<'a>> {
        self.itself.or(self.user).or(self.role).or(self.delegated)
    }
}

/// SECURITY: a statement of a resource's policy that names nobody denies to all and allows to none,
/// should a document of the wrong form ever get there.
fn applies(kind: Kind, statement: &Statement, query: &Query<'_>) -> Option<Reach> {
    let nobody = kind == Kind::Resource
        && statement.principals.is_none()
        && statement.effect == Effect::Allow;
    if nobody {
        None
    } else {
        statement.applies(query)
    }
}

/// A policy in the part that it plays.
#[derive(Clone, Copy)]
struct Part<'a> {
    kind: Kind,
    /// Its place among those that play the same part.
    place: usize,
    named: Named<'a>,
}

impl<'a> Part<'a> {
    fn cause(&self, index: usize) -> Cause<'a> {
        let statement = self.named.policy.statements.get(index);
        Cause {
            kind: self.kind,
            place: self.place,
            policy: self.named.name,
            statement: index,
            sid: statement.and_then(|statement| statement.sid.as_deref()),
        }
    }
}

fn parts<'a>(kind: Kind, policies: &[Named<'a>]) -> impl Iterator<Item = Part<'a>> {
    let placed = policies.iter().enumerate();
    placed.map(move |(place, named)| Part {
        kind,
        place,
        named: *named,
    })
}

fn all<'a>(policies: &Policies<'a>) -> impl Iterator<Item = Part<'a>> {
    let session = policies.session.unwrap_or_default();
    parts(Kind::Guardrail, policies.guardrails)
        .chain(parts(Kind::Endpoint, policies.endpoint.as_slice()))
        .chain(parts(Kind::Resource, policies.resource.as_slice()))
        .chain(parts(Kind::Resource, policies.grants))
        .chain(parts(Kind::Identity, policies.identity))
        .chain(parts(Kind::Boundary, policies.boundary.as_slice()))
        .chain(parts(Kind::Session, session))
}

fn missing<'a>(kind: Kind) -> Decision<'a> {
    Decision::ImplicitlyDenied { missing: kind }
}
