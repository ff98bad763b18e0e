//! A trail.

use super::names;
use super::selectors::Selectors;
use crate::tags::Tags;
use ::audit::Described;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};

/// A trail: which events of an account go where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trail {
    pub(crate) account: AccountId,
    /// The home Region.
    pub(crate) region: RegionName,
    pub(crate) name: String,
    /// Tells it from others that had its name.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) bucket: String,
    pub(crate) prefix: Option<String>,
    /// The ARN of the topic that is told of files.
    pub(crate) topic: Option<String>,
    pub(crate) has_global_events: bool,
    pub(crate) is_multi_region: bool,
    pub(crate) is_validated: bool,
    pub(crate) logs: Option<LogDestination>,
    pub(crate) selectors: Selectors,
    /// When it logged, the last time last.
    pub(crate) spans: Vec<Span>,
    pub(crate) tags: Tags,
}

/// A log group, and the role by which CloudTrail writes to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogDestination {
    /// The ARN of the group, with `:*`.
    pub(crate) group_arn: String,
    pub(crate) role_arn: String,
}

/// From when until when a trail logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) started: Timestamp,
    pub(crate) stopped: Option<Timestamp>,
}

impl Trail {
    pub(crate) fn arn(&self) -> String {
        names::arn(&self.account, &self.region, &self.name)
    }

    pub(crate) fn is_logging(&self) -> bool {
        self.spans.last().is_some_and(|span| span.stopped.is_none())
    }

    /// Logs from `now` on, if it does not.
    pub(crate) fn start(&mut self, now: Timestamp) {
        if self.is_logging() {
            return;
        }
        let surplus = self.spans.len().saturating_sub(MOST_SPANS - 1);
        self.spans.drain(..surplus);
        self.spans.push(Span {
            started: now,
            stopped: None,
        });
    }

    /// Logs no more from `now` on.
    pub(crate) fn stop(&mut self, now: Timestamp) {
        if let Some(span) = self.spans.last_mut() {
            span.stopped = span.stopped.or(Some(now));
        }
    }

    /// Whether it delivers `event`, which is one of its account.
    pub(crate) fn covers(&self, event: &Described<'_>) -> bool {
        self.account.as_str() == event.account
            && self.is_of_region(event)
            && self.logged_at(event.time)
            && self.selectors.admit(event)
    }

    fn is_of_region(&self, event: &Described<'_>) -> bool {
        match is_global(&event.event_source) {
            true => self.has_global_events,
            false => self.is_multi_region || event.region == self.region.as_str(),
        }
    }

    /// Whether it logged in the second `time`.
    fn logged_at(&self, time: i64) -> bool {
        let second = |moment: Timestamp| moment.as_millis().div_euclid(1_000);
        self.spans.iter().any(|span| {
            second(span.started) <= time
                && span.stopped.is_none_or(|stopped| time <= second(stopped))
        })
    }
}

/// Whether a service belongs to no Region.
fn is_global(event_source: &str) -> bool {
    event_source == "iam.amazonaws.com"
}

/// Earlier ones matter while their files wait for delivery.
const MOST_SPANS: usize = 8;

#[cfg(test)]
pub(crate) mod tests;
