//! The events of what the operator does to an account.

use super::{App, Operator};
use crate::audit::ServiceEvent;
use base::{AccountId, random_uuid};
use serde_json::json;

/// A change in an account that its operator made.
pub(super) struct Event<'a> {
    pub(super) source: &'static str,
    pub(super) name: &'static str,
    pub(super) account: &'a AccountId,
    pub(super) region: &'a str,
    /// What was made, as the events of the API have it. Never a secret.
    pub(super) made: Option<serde_json::Value>,
}

impl Event<'_> {
    /// The event's line. `details` is an object.
    pub(super) fn line(
        &self,
        app: &App,
        operator: &Operator,
        mut details: serde_json::Value,
    ) -> Vec<u8> {
        if let Some(details) = details.as_object_mut() {
            details.insert(String::from("uid"), json!(operator.uid));
        }
        let event = ServiceEvent {
            event_source: self.source,
            event_name: self.name,
            region: self.region,
            account: self.account.as_str(),
            now: app.clock.now(),
            request_id: &operator.request_id,
            response_elements: self.made.clone(),
            additional: details,
        };
        event.to_line(&random_uuid(app.entropy.as_ref()))
    }
}
