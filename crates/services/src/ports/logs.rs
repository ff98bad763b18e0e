//! Logs, as the services that write them see it.

use super::{LogLine, PortFuture};
use crate::app::App;
use crate::identity::Principal;
use base::{CommonError, RegionName};

/// CloudWatch Logs as other services use it: they write what a role of an account logs.
pub trait LogStreams: Send + Sync {
    /// Writes a log stream, whole. Gives whether the role was allowed to; that it was not is in the
    /// audit log.
    ///
    /// # Errors
    /// A failure of ours.
    fn put<'a>(&'a self, app: &'a App, put: PutLog<'a>) -> PortFuture<'a, bool, CommonError>;
}

/// What is written, and as whom.
#[derive(Clone, Copy)]
pub struct PutLog<'a> {
    /// The service that writes, such as `lambda.amazonaws.com`.
    pub service: &'static str,
    /// The role in whose name it does.
    pub principal: &'a Principal,
    /// The role's temporary access key.
    pub access_key_id: &'a str,
    /// The Region.
    pub region: &'a RegionName,
    /// The log group, such as `/aws/lambda/rotate`. It is created with its first stream.
    pub group: &'a str,
    /// The log stream, which is not there yet.
    pub stream: &'a str,
    /// The lines.
    pub lines: &'a [LogLine],
}
