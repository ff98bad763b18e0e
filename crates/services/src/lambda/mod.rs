//! Lambda, API version 2015-03-31, and behind the [`Functions`] port what calls functions for other
//! services.
//!
//! Rules of the service:
//! - a request names a function by name, partial ARN or ARN; there is one version, `$LATEST`; refusal
//!   comes before "not found" (`target.rs`);
//! - a function runs as its role, which has to trust Lambda when it is given and at each run; who
//!   gives it needs `iam:PassRole` (`role.rs`);
//! - who may call it is for IAM and for the function's own policy, which is made of the statements that
//!   AddPermission adds (`permissions.rs`);
//! - a run goes through an [`Executor`], by what the function is made of (`run.rs`): bounded in number,
//!   time and size, logged as its role may log, and audited before it begins;
//! - what native code does in a run it does as the role, through the gateway (`role_api.rs`).
//!
//! [`Functions`]: crate::ports::Functions
//! [`Executor`]: crate::ports::Executor

mod configuration;
mod environment;
mod error;
mod function_id;
pub(crate) mod jobs;
mod model;
mod ops;
mod package;
mod permissions;
mod port;
mod queue;
pub(crate) mod records;
mod role;
mod role_api;
mod run;
mod run_log;
mod running;
mod runtimes;
mod shapes;
mod tagging;
mod target;
mod zip;

pub use error::Error;
pub use run::Lambda;
pub use running::Concurrency;

use crate::service::{Protocol, Service};
use base::Timestamp;
use store::{Kind, Query, Record as _};

/// Up to `limit` functions that were called without being waited for and are due at `now`.
pub(crate) fn functions_due(now: Timestamp, limit: usize) -> (&'static Kind, Query) {
    (queue::QueuedEvent::KIND, queue::due(now, limit))
}

/// The service, as dispatch sees it.
pub(crate) static SERVICE: Service = Service {
    name: "lambda",
    event_source: EVENT_SOURCE,
    protocol: Protocol::RestJson {
        upper_case: error::UPPER_CASE,
    },
    only_region: None,
    common: error::COMMON,
    operations: ops::OPERATIONS,
};

/// The service's name in audit events, and as a principal.
pub(crate) const EVENT_SOURCE: &str = "lambda.amazonaws.com";
