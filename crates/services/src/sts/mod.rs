//! STS, API version 2011-06-15: who am I, and credentials for a while.
//!
//! Rules of the service:
//! - credentials that it lends are stateless: sealed into the session token, never stored;
//! - what a session may do is looked up on every request, not written into the token.

pub(crate) mod error;
mod lending;
mod narrowing;
mod ops;
mod session_tags;
mod shapes;
pub(crate) mod target;
pub(crate) mod web_identity;

use crate::service::{Protocol, Service};

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "sts",
    event_source: "sts.amazonaws.com",
    protocol: Protocol::Query {
        version: "2011-06-15",
        namespace: NAMESPACE,
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The XML namespace of its answers.
pub(crate) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
