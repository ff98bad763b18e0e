//! SNS, API version 2010-03-31: topics, and who hears of what is published to them; behind the
//! [`Topics`] port what publishes for other services.
//!
//! Rules of the service:
//! - refusal comes before "not found"; a topic's own policy counts (`target.rs`, `topic_policy.rs`);
//! - nobody is sent anything but a confirmation who did not confirm, and nobody is asked whom the operator
//!   did not allow ([`Messenger`]), nor again and again (`asking.rs`);
//! - to publish is to store one delivery for each subscription, in the transaction of who publishes
//!   (`fan_out.rs`); the queue of deliveries does the rest;
//! - what is sent says who sends it: it is signed (`signing.rs`);
//! - tokens of confirmations are kept as digests, and are good for two days (`confirming.rs`).
//!
//! [`Topics`]: crate::ports::Topics
//! [`Messenger`]: crate::ports::Messenger

pub(crate) mod asking;
mod attributes;
mod certificate;
mod confirming;
mod error;
mod fan_out;
mod filter;
#[cfg(test)]
mod fixtures;
mod ids;
pub(crate) mod jobs;
mod message;
mod ops;
mod port;
pub(crate) mod records;
mod rendering;
mod shapes;
mod signing;
mod subscription_attributes;
mod subscription_target;
mod tagging;
mod target;
mod topic_policy;

pub(crate) use self::certificate::certificate_at;
pub(crate) use self::filter::Filters;
pub(crate) use self::port::Sns;

use crate::service::{Protocol, Service};

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "sns",
    event_source: EVENT_SOURCE,
    protocol: Protocol::Query {
        version: "2010-03-31",
        namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The service's name in audit events, and as a principal.
pub(crate) const EVENT_SOURCE: &str = "sns.amazonaws.com";
