use base::{AccountId, RegionName};
use std::time::Duration;

/// Is told of every request once it is answered.
///
/// INVARIANT: it is told on the thread that answers, so it returns at once.
pub trait Observer: Send + Sync {
    /// A request was answered.
    fn ended(&self, request: &Ended<'_>);
}

/// A request that was answered.
///
/// SECURITY: neither names nor values of secrets, no keys and no tokens.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// The service, as signatures write it, when the request named one.
    pub service: Option<&'static str>,
    /// The operation, when there is one of the name.
    pub operation: Option<&'static str>,
    /// The name of the error, when the answer is one.
    pub code: Option<&'static str>,
    /// The status of the answer.
    pub status: u16,
    /// The caller's account, when the caller is known.
    pub account: Option<&'a AccountId>,
    /// The Region, when the request was signed for one that is served.
    pub region: Option<&'a RegionName>,
    /// The id of the request.
    pub request_id: &'a str,
    /// The header `traceparent`, as it was sent.
    pub trace_parent: Option<&'a str>,
    /// How long the answer took.
    pub took: Duration,
    /// How much of it went by until the caller was known.
    pub authenticated_after: Option<Duration>,
}
