//! AWS Serverless Application Repository, API version 2017-09-08: the applications that deploy rotation
//! functions.
//!
//! Rules of the service:
//! - the applications are AWS's rotation templates: those that are built into the server, and the generic
//!   one, whose function is a program to be completed (`applications.rs`);
//! - an application is named by its ARN, as AWS's guide prints it: its Region and account are not looked
//!   at;
//! - what is deployed is a stack, which the caller executes with permissions of its own; CloudFormation
//!   is behind the port [`Stacks`].
//!
//! [`Stacks`]: crate::ports::Stacks

mod applications;
mod error;
mod ops;
mod shapes;

use crate::service::{Protocol, Service};

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "serverlessrepo",
    event_source: EVENT_SOURCE,
    protocol: Protocol::RestJson { upper_case: &[] },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The service's name in audit events.
const EVENT_SOURCE: &str = "serverlessrepo.amazonaws.com";
