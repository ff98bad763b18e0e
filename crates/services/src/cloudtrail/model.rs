//! A trail.

use super::error::Error;
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
    /// When it last began to log.
    pub(crate) started: Option<Timestamp>,
    /// When it last stopped.
    pub(crate) stopped: Option<Timestamp>,
    /// When it logged what, the last time last.
    pub(crate) spans: Vec<Span>,
    pub(crate) tags: Tags,
}

/// Where the files of a trail go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Destination {
    pub(crate) bucket: String,
    /// What keys begin with, without a slash at its end: with one, it is the same place.
    pub(crate) prefix: Option<String>,
}

/// A log group, and the role by which CloudTrail writes to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogDestination {
    /// The ARN of the group, with `:*`.
    pub(crate) group_arn: String,
    pub(crate) role_arn: String,
}

/// From when until when a trail logged, what, and where to: an event is held against the settings of its
/// time, so that who changes a trail takes nothing out of its past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) started: Timestamp,
    pub(crate) stopped: Option<Timestamp>,
    has_global_events: bool,
    is_multi_region: bool,
    selectors: Selectors,
    destination: Destination,
}

impl Trail {
    pub(crate) fn arn(&self) -> String {
        names::arn(&self.account, &self.region, &self.name)
    }

    pub(crate) fn is_logging(&self) -> bool {
        self.spans.last().is_some_and(|span| span.stopped.is_none())
    }

    /// Logs from `now` on, if it does not. What happened until `delivered` is delivered.
    ///
    /// # Errors
    /// [`Error::TooManyChanges`].
    pub(super) fn start(
        &mut self,
        now: Timestamp,
        delivered: Option<Timestamp>,
    ) -> Result<(), Error> {
        if !self.is_logging() {
            self.open(now, delivered)?;
            self.started = Some(now);
        }
        Ok(())
    }

    /// Logs by its present settings from `now` on, if it logs. What happened until `delivered` is delivered.
    ///
    /// # Errors
    /// [`Error::TooManyChanges`].
    pub(super) fn turn(
        &mut self,
        now: Timestamp,
        delivered: Option<Timestamp>,
    ) -> Result<(), Error> {
        let is_current = |span: &Span| {
            span.has_global_events == self.has_global_events
                && span.is_multi_region == self.is_multi_region
                && span.selectors == self.selectors
                && span.destination == self.destination()
        };
        if !self.is_logging() || self.spans.last().is_some_and(is_current) {
            return Ok(());
        }
        self.close(now);
        self.open(now, delivered)
    }

    /// Logs no more from `now` on.
    pub(super) fn stop(&mut self, now: Timestamp) {
        if self.is_logging() {
            self.close(now);
            self.stopped = Some(now);
        }
    }

    fn close(&mut self, now: Timestamp) {
        if let Some(span) = self.spans.last_mut() {
            span.stopped = span.stopped.or(Some(now));
        }
    }

    /// INVARIANT: a span is dropped when all of it is delivered, and not before: what it covers would be lost.
    fn open(&mut self, now: Timestamp, delivered: Option<Timestamp>) -> Result<(), Error> {
        self.spans.retain(|span| !span.is_over(delivered));
        if self.spans.len() >= MOST_SPANS || self.weight_of_spans() >= HEAVIEST_SPANS {
            return Err(Error::TooManyChanges);
        }
        self.spans.push(Span {
            started: now,
            stopped: None,
            has_global_events: self.has_global_events,
            is_multi_region: self.is_multi_region,
            selectors: self.selectors.clone(),
            destination: self.destination(),
        });
        Ok(())
    }

    /// Bytes of the selectors of all spans.
    pub(super) fn weight_of_spans(&self) -> usize {
        self.spans.iter().map(|span| span.selectors.weight()).sum()
    }

    /// Where its files go now.
    pub(crate) fn destination(&self) -> Destination {
        let without_slash = |prefix: &String| prefix.strip_suffix('/').unwrap_or(prefix).to_owned();
        Destination {
            bucket: self.bucket.clone(),
            prefix: self.prefix.as_ref().map(without_slash),
        }
    }

    /// Whether nothing of it can still come to who has delivered all until `delivered`.
    pub(crate) fn is_over(&self, delivered: Option<Timestamp>) -> bool {
        { self.spans.last() }.is_some_and(|span| span.is_over(delivered))
    }

    /// Whether it delivers `event`.
    pub(crate) fn covers(&self, event: &Described<'_>) -> bool {
        self.destination_of(event).is_some()
    }

    /// Where the file with `event` goes. `None`: it delivers none.
    ///
    /// INVARIANT: of the spans on both sides of a change the first one counts, so that a later change, in
    /// the same second, leads nothing elsewhere that was on its way.
    pub(crate) fn destination_of(&self, event: &Described<'_>) -> Option<&Destination> {
        let admits = |span: &&Span| span.has(event.time) && span.admits(&self.region, event);
        let is_own = self.account.as_str() == event.account;
        let span = self.spans.iter().find(admits).filter(|_| is_own)?;
        Some(&span.destination)
    }

    /// Bytes that it takes in memory, about.
    pub(super) fn weight(&self) -> usize {
        let texts = self.name.len() + self.bucket.len() + self.tags.weight();
        texts + self.selectors.weight() + self.weight_of_spans() + self.spans.len() * SPAN_BYTES
    }
}

impl Span {
    /// Whether the second `time` is in it.
    fn has(&self, time: i64) -> bool {
        let second = |moment: Timestamp| moment.as_millis().div_euclid(1_000);
        second(self.started) <= time && self.stopped.is_none_or(|stopped| time <= second(stopped))
    }

    fn admits(&self, home: &RegionName, event: &Described<'_>) -> bool {
        let is_of_region = match is_global(&event.event_source) {
            true => self.has_global_events,
            false => self.is_multi_region || event.region == home.as_str(),
        };
        is_of_region && self.selectors.admit(event)
    }

    /// Whether nothing of it can still come to who has delivered all until `delivered`.
    fn is_over(&self, delivered: Option<Timestamp>) -> bool {
        let stopped = self.stopped.map(|stopped| stopped.plus_seconds(AFTERMATH));
        stopped
            .zip(delivered)
            .is_some_and(|(stopped, delivered)| stopped < delivered)
    }
}

/// Whether a service belongs to no Region.
fn is_global(event_source: &str) -> bool {
    event_source == "iam.amazonaws.com"
}

/// Seconds after a stop in which an event of before it can still come into the log.
pub(super) const AFTERMATH: i64 = 120;
/// What one takes in memory beside its selectors.
const SPAN_BYTES: usize = 256;
/// How many wait for delivery at most.
const MOST_SPANS: usize = 64;
/// Bytes of selectors of those that wait, after which there is no further one.
const HEAVIEST_SPANS: usize = 1 << 20;

#[cfg(test)]
pub(crate) mod tests;
