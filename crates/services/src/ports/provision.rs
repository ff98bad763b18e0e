//! What other services make, as one operation has it made: in its caller's name, in its own transaction.

use super::PortFuture;
use crate::cx::Cx;
use crate::tx::Within;
use base::CommonError;
use serde_json::Value;

/// The operations of other services, as one operation calls them.
///
/// Each call is authorized as one of the caller's own to the API, and is told of in an event of its
/// own. What it writes is a part of the transaction that is lent.
pub(crate) trait Provision: Send + Sync {
    /// Calls an operation.
    ///
    /// # Errors
    /// [`NotProvisioned`]. Nothing of the lent transaction can be committed then.
    fn perform<'a>(&'a self, call: ProvisionCall<'a>) -> PortFuture<'a, (), NotProvisioned>;
}

/// One call.
#[derive(Clone, Copy)]
pub(crate) struct ProvisionCall<'a> {
    /// The request that it is made for.
    pub(crate) cx: &'a Cx<'a>,
    /// The transaction that it is a part of.
    pub(crate) within: &'a Within,
    /// The service that calls, such as `cloudformation.amazonaws.com`.
    pub(crate) by: &'static str,
    /// The service that is called, such as `iam`.
    pub(crate) service: &'a str,
    /// The operation, such as `CreateRole`.
    pub(crate) operation: &'a str,
    /// Its input, by the names of its members.
    pub(crate) parameters: &'a Value,
}

/// Why a call did nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotProvisioned {
    /// The service refused.
    #[error("{}", .0.message)]
    Refused(Box<RefusedCall>),
    /// Something of ours failed.
    #[error(transparent)]
    Common(#[from] CommonError),
}

/// A refusal, as a client would have been told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefusedCall {
    /// The name of the exception.
    pub(crate) code: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// The text.
    pub(crate) message: String,
    /// The id of the call.
    pub(crate) request_id: String,
    /// The event that tells of it, which is the caller's to record.
    pub(crate) line: Vec<u8>,
}
