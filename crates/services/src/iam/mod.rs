//! IAM, API version 2010-05-08: users, groups, roles, their keys and their policies.
//!
//! Rules of the service:
//! - names are unique within an account whatever their case; unique ids are never used again;
//! - what is written counts from the next request on, for every node of the deployment;
//! - a secret access key is shown once, when it is made.

mod access_keys;
mod details;
mod documents;
mod empty;
pub(crate) mod error;
mod grants;
mod last_used;
pub(crate) mod limits;
mod listing;
mod managed;
mod membership;
mod ops;
mod providers;
mod renaming;
mod roles;
mod shapes;
mod simulation;
mod subject;
mod tagging;
mod tags;
mod target;
mod trust;
mod view;

use crate::service::{Protocol, Service};

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "iam",
    event_source: "iam.amazonaws.com",
    protocol: Protocol::Query {
        version: "2010-05-08",
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    },
    only_region: Some("us-east-1"),
    common: error::COMMON,
    operations: ops::OPERATIONS,
};
