//! Evaluation.

use crate::decision::{Cause, Decision, Kind};
use crate::document::{Effect, Policy};
use crate::request::Request;

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
pub fn evaluate<'a>(request: &Request<'_>, policies: &Policies<'a>) -> Decision<'a> {
    let _ = (request, policies);
    Decision::ImplicitlyDenied {
        missing: Kind::Identity,
    }
}

/// Every statement that matches the request, over all policies: for simulations and explanations.
pub fn matching<'a>(request: &Request<'_>, policies: &Policies<'a>) -> Vec<(Cause<'a>, Effect)> {
    let _ = (request, policies);
    Vec::new()
}
