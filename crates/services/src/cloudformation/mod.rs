//! CloudFormation, API version 2010-05-15: stacks that another service proposes for its caller, who
//! executes them.
//!
//! Rules of the service:
//! - a stack is named by its name while it lives, or by its ARN; refusal comes before "does not exist"
//!   (`target.rs`);
//! - a change set is executed once; the others of its stack go with it (`ops/execute_change_set.rs`);
//! - what a stack is made of is made and removed by calls to the services that have it, as the caller,
//!   each authorized and audited as one of the caller's own (`provisioning.rs`, `resources.rs`). All of them
//!   are one transaction, with the stack itself: a stack is there whole or not at all, whenever the
//!   process is killed;
//! - what failed is told by the stack's status and events.
//!
//! COMPAT: AWS works on a stack in the background, and its states of progress can be seen. Here the
//! answer comes when the work is done; those states stand in the stack's events.

mod error;
pub(crate) mod jobs;
pub(crate) mod model;
mod ops;
mod proposing;
mod provisioning;
pub(crate) mod records;
mod resources;
mod shapes;
mod target;
mod template;
mod view;

pub(crate) use error::Error;
pub(crate) use proposing::CloudFormation;

use crate::service::{Protocol, Service};

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "cloudformation",
    event_source: EVENT_SOURCE,
    protocol: Protocol::Query {
        version: "2010-05-15",
        namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The service's name in audit events.
pub(crate) const EVENT_SOURCE: &str = "cloudformation.amazonaws.com";
