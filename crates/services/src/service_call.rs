//! Calls that a service makes in its own name: what is known of them, for conditions and audit.

use crate::audit::{Downstream, Facts};
use crate::identity::{Principal, Vouched};
use base::{RegionName, Timestamp};
use serde_json::value::RawValue;

/// One call that comes from no network.
pub(crate) struct ServiceCall {
    request_id: String,
    vouched: Vouched,
    downstream: Downstream,
}

/// What is called, and by whom.
#[derive(Clone, Copy)]
pub(crate) struct Called<'a> {
    /// The service that calls, such as `lambda.amazonaws.com`.
    pub(crate) by: &'a str,
    /// The role in whose name it does. `None`: in its own.
    pub(crate) role: Option<(&'a Principal, &'a str)>,
    pub(crate) event_source: &'a str,
    pub(crate) event_name: &'a str,
    pub(crate) region: &'a RegionName,
    pub(crate) now: Timestamp,
    pub(crate) parameters: Option<&'a RawValue>,
}

impl ServiceCall {
    /// A call with this id.
    pub(crate) fn new(request_id: impl Into<String>) -> Self {
        Self {
            request_id: request_id.into(),
            vouched: Vouched::new(),
            downstream: Downstream::default(),
        }
    }

    /// What is known of it.
    pub(crate) fn facts<'a>(&'a self, called: Called<'a>) -> Facts<'a> {
        let (principal, access_key_id) = called.role.unzip();
        Facts {
            event_source: called.event_source,
            event_name: called.event_name,
            read_only: false,
            region: called.region.as_str(),
            now: called.now,
            request_id: &self.request_id,
            source_ip: called.by,
            user_agent: called.by,
            principal,
            vouched: &self.vouched,
            access_key_id,
            referer: None,
            is_secure: true,
            endpoint: None,
            via: None,
            calling_service: called.role.is_none().then_some(called.by),
            downstream: &self.downstream,
            request_parameters: called.parameters,
        }
    }
}
