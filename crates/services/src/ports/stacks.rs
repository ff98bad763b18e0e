//! Stacks, as the services that have them made see them.

use super::PortFuture;
use crate::cx::Cx;
use crate::tags::Tags;
use crate::tx::Tx;
use base::CommonError;
use serde_json::Value;

/// CloudFormation as other services use it: they propose stacks, which their callers then execute.
pub(crate) trait Stacks: Send + Sync {
    /// Makes a change set that creates the stack, as a part of `tx`. The caller of `cx` needs leave for
    /// it, and an event tells of it.
    ///
    /// # Errors
    /// [`NotProposed`].
    fn propose<'a>(
        &'a self,
        cx: &'a Cx<'a>,
        tx: &'a mut Tx<'_>,
        proposal: Proposal<'a>,
    ) -> PortFuture<'a, Proposed, NotProposed>;
}

/// A stack that is to be.
pub(crate) struct Proposal<'a> {
    /// The service that proposes, such as `serverlessrepo.amazonaws.com`.
    pub(crate) by: &'static str,
    /// Its name.
    pub(crate) stack: &'a str,
    /// The change set's name. `None`: one that is drawn.
    pub(crate) change_set: Option<&'a str>,
    /// What it is for, as the caller says.
    pub(crate) description: Option<&'a str>,
    /// The template.
    pub(crate) template: Value,
    /// What the caller gives of the template's parameters.
    pub(crate) parameters: Vec<(String, String)>,
    /// What the caller knows that the template may do.
    pub(crate) capabilities: Vec<String>,
    /// Where notices of the stack were to go.
    pub(crate) notification_arns: Vec<String>,
    /// The tags.
    pub(crate) tags: Tags,
}

/// A change set that is there.
pub(crate) struct Proposed {
    /// The ARN of the change set.
    pub(crate) change_set: String,
    /// The ARN of the stack.
    pub(crate) stack: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotProposed {
    /// In CloudFormation's words.
    #[error("{0}")]
    Invalid(String),
    /// The caller may not; or something of ours failed.
    #[error(transparent)]
    Common(#[from] CommonError),
}
