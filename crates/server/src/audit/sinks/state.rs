//! How a sink stands, for operators and metrics.

use serde::{Deserialize, Serialize};

/// How a sink stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SinkState {
    /// What it is called.
    pub(crate) sink: String,
    /// Such as `syslog/tls`.
    pub(crate) kind: String,
    /// Whether the last try failed.
    pub(crate) failing: bool,
    /// The number of the last event that it has, or that is not for it.
    pub(crate) sent_through: u64,
    /// How many events of the log come behind that.
    pub(crate) behind_events: u64,
    /// How old the first of them is.
    pub(crate) behind_seconds: u64,
    /// Events that it took since the server started.
    pub(crate) sent: u64,
    /// Why the last failure was, if there was one since the server started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_error: Option<String>,
    /// When it was, in ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_error_time: Option<String>,
}
