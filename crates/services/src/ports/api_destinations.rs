//! API destinations of EventBridge, for what delivers messages to them.

use super::{NotSent, PortFuture};
use crate::app::App;
use base::{AccountId, CommonError, Plaintext, RegionName};

/// EventBridge, which knows where its API destinations are and what authorizes there.
pub(crate) trait ApiDestinations: Send + Sync {
    /// The request that a message becomes, as destination and connection are now; or why there is none.
    ///
    /// # Errors
    /// When the store fails, or a policy cannot be read.
    fn compose<'a>(
        &'a self,
        app: &'a App,
        invoked: Invoked<'a>,
    ) -> PortFuture<'a, Result<Composed, NotSent>, CommonError>;
}

/// A message for an API destination of an account in a Region.
#[derive(Clone, Copy)]
pub(crate) struct Invoked<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a RegionName,
    /// The ARN of the API destination.
    pub(crate) arn: &'a str,
    /// The ARN of the role that may invoke it.
    pub(crate) role: &'a str,
    /// The ARN of the rule.
    pub(crate) rule: &'a str,
    /// What stands in the places of the wildcards of the path.
    pub(crate) path: &'a [String],
    pub(crate) headers: &'a [(String, String)],
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: &'a str,
}

/// A request to an API destination.
///
/// SECURITY: any part of it may hold a credential, so that none can be shown.
pub(crate) struct Composed {
    pub(crate) method: &'static str,
    pub(crate) url: Plaintext,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) secrets: Vec<(String, Plaintext)>,
    pub(crate) body: Plaintext,
    /// How many requests there may be in a second.
    pub(crate) per_second: u32,
}
