//! EventBridge, API version 2015-10-07: rules over what happens, and the targets that are told of it.
//!
//! Rules of the service:
//! - there is one bus, `default`. What comes to it are CloudTrail's events of API calls and services, read
//!   back from the audit log by a follower (`follower.rs`), and what PutEvents brings (`put.rs`);
//! - COMPAT: calls that only read are no events, unless a rule asks for all management events; calls that
//!   deliver something (of functions, topics, logs and PutEvents itself) never are (`envelope.rs`);
//! - a rule is compiled when it is put and refused if it cannot be; what matches it goes to its targets
//!   with the cursor of the follower, in one transaction (`routing.rs`);
//! - a target has to let the rule: functions and topics by their policies, at each event; log groups by
//!   the leave of who put the target (`targets.rs`); API destinations by a role, at each request;
//! - an API destination is a URL that the operator allows, and a connection says what authorizes there
//!   (`authorization.rs`). Its secrets are sealed (`credentials.rs`), in no answer and no event, and put
//!   into a request as it leaves (`request.rs`), so that what waits has none of them.
//!
//! A rule whose target brings about events that the rule means goes on for ever, as on AWS: it is for who
//! writes the pattern to see to that. The calls that deliver are no events, so nothing does so by itself.

mod authorization;
mod bus;
mod compiled;
mod credentials;
mod envelope;
mod error;
#[cfg(test)]
mod fixtures;
mod follower;
mod headers;
mod holding;
mod http_parameters;
mod http_shapes;
mod input;
mod invoking;
mod ops;
mod put;
pub(crate) mod records;
mod request;
mod roles;
mod routing;
mod shapes;
mod tagging;
mod target;
mod targets;

pub(crate) use self::compiled::Compiled;
pub(crate) use self::follower::RuleFollower;
pub(crate) use self::invoking::EventBridge;
pub(crate) use self::put::route_put;

use crate::service::{Protocol, Service};
use wire::json::MessageKey;

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "events",
    event_source: EVENT_SOURCE,
    protocol: Protocol::Json {
        target_prefix: "AWSEvents.",
        message_key: MessageKey::Lower,
        invalid_input: error::VALIDATION,
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The service's name in audit events, and as a principal.
pub(crate) const EVENT_SOURCE: &str = "events.amazonaws.com";
