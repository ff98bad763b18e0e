//! What a decision is made about: who asks, for what, under which circumstances.

use std::borrow::Cow;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The account the caller belongs to. Empty for services and anonymous callers.
    pub account: &'a str,
    /// Which identity of that account.
    pub identity: Identity<'a>,
}

/// The identity that signed the request.
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// The account itself.
    Root {
        /// `arn:aws:iam::123456789012:root`.
        arn: &'a str,
    },
    /// An IAM user.
    User {
        /// The user's ARN, path included.
        arn: &'a str,
        /// Its unique id, `AIDA…`.
        id: &'a str,
    },
    /// Someone who assumed a role.
    Session {
        /// `arn:aws:sts::123456789012:assumed-role/Role/session`.
        session_arn: &'a str,
        /// The role's ARN, path included.
        role_arn: &'a str,
        /// The role's unique id, `AROA…`.
        role_id: &'a str,
    },
    /// A service acting on its own behalf.
    Service {
        /// Its principal, such as `secretsmanager.amazonaws.com`.
        name: &'a str,
    },
    /// A web identity that asks for a role.
    Federated {
        /// The ARN of the provider that vouches for it.
        provider: &'a str,
    },
    /// Nobody known: the request bears no signature.
    Anonymous,
}

/// The condition keys of a request.
pub trait Context {
    /// The values under `key`, `None` when the request has no such key.
    ///
    /// `key` comes with its ASCII letters in lower case, the tag key in `aws:resourcetag/team`
    /// included: names of condition keys are compared without case.
    fn values(&self, key: &str) -> Option<Values<'_>>;
}

/// What a condition key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multi-valued key. Empty counts as absent, and as the empty set under a set operator.
    Many(Vec<Cow<'a, str>>),
}

/// One action on one resource.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Service and operation: `secretsmanager:GetSecretValue`.
    pub action: &'a str,
    /// An ARN, a text that is none (the name of a secret that does not exist), or `*` for actions
    /// without a resource.
    pub resource: &'a str,
    /// The account that owns the resource. Nobody may do anything with a resource of `None`.
    pub resource_account: Option<&'a str>,
    /// Who asks.
    pub caller: Caller<'a>,
    /// The circumstances.
    pub context: &'a dyn Context,
}
