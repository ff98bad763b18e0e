//! Logs, metrics and topics as the services behind the audit log use them: what follows events calls them
//! inside a transaction of its own, and nothing of it stands before that is committed.

use super::PortFuture;
use crate::app::App;
use crate::authorize::Permit;
use crate::tx::Deriving;
use crate::work::Work;
use base::{AccountId, CommonError, RegionName, Timestamp};
use serde::{Deserialize, Serialize};

/// CloudWatch Logs, for services that append to a group of the account that asked for it.
pub(crate) trait LogGroups: Send + Sync {
    /// Appends to a log stream, which is made when there is none, and shows the events to the group's
    /// metric filters. `false`: there is no such group, and nothing was written.
    ///
    /// # Errors
    /// When the store fails.
    fn append<'a>(
        &'a self,
        app: &'a App,
        own: &'a Permit,
        tx: &'a mut Deriving<'_>,
        appended: AppendedLog<'a>,
    ) -> PortFuture<'a, bool, CommonError>;
}

/// What is appended, in order of time.
#[derive(Clone, Copy)]
pub(crate) struct AppendedLog<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a RegionName,
    pub(crate) group: &'a str,
    pub(crate) stream: &'a str,
    pub(crate) events: &'a [(Timestamp, String)],
}

/// CloudWatch, for services that count.
pub(crate) trait Metrics: Send + Sync {
    /// Adds data to metrics, of any account each.
    ///
    /// # Errors
    /// When the store fails.
    fn put<'a>(
        &'a self,
        app: &'a App,
        own: &'a Permit,
        tx: &'a mut Deriving<'_>,
        data: &'a [MetricDatum],
    ) -> PortFuture<'a, (), CommonError>;
}

/// Values of one metric.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MetricDatum {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    /// Such as `LogMetrics`.
    pub(crate) namespace: String,
    /// Such as `AttemptsToAccessDeletedSecrets`.
    pub(crate) name: String,
    /// Names and values.
    pub(crate) dimensions: Vec<(String, String)>,
    /// As CloudWatch names it; `None` for none.
    pub(crate) unit: Option<String>,
    /// Put together as far as the giver could: a minute needs but one.
    pub(crate) values: Vec<(Timestamp, Aggregate)>,
}

/// Values of a metric in some time, put together.
///
/// INVARIANT: CloudWatch stores it as it is here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Aggregate {
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Aggregate {
    /// `count` times the value `value`.
    pub(crate) fn of(value: f64, count: f64) -> Self {
        Self {
            count,
            sum: value * count,
            min: value,
            max: value,
        }
    }

    /// Both together.
    #[must_use]
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// Whether all of it are numbers.
    pub(crate) fn is_finite(&self) -> bool {
        [self.count, self.sum, self.min, self.max]
            .iter()
            .all(|number| number.is_finite())
    }
}

/// SNS, for services that tell of something.
pub(crate) trait Topics: Send + Sync {
    /// Publishes a message: one delivery is stored for each subscription. `false`: there is no such topic,
    /// or its policy does not let `by`, and nothing was stored.
    ///
    /// # Errors
    /// When the store fails.
    fn publish<'a>(
        &'a self,
        app: &'a App,
        own: &'a Permit,
        tx: &'a mut Deriving<'_>,
        message: TopicMessage<'a>,
    ) -> PortFuture<'a, bool, CommonError>;

    /// Somebody who publishes many messages, and does not look topics up for each of them. Good for a short
    /// while.
    fn publisher(&self) -> Box<dyn Publisher>;
}

/// Publishes one message after the other.
pub(crate) trait Publisher: Send {
    /// As [`Topics::publish`], and notes in `work` what it took.
    ///
    /// # Errors
    /// As [`Topics::publish`].
    fn publish<'a>(
        &'a mut self,
        app: &'a App,
        own: &'a Permit,
        tx: &'a mut Deriving<'_>,
        message: TopicMessage<'a>,
        work: &'a mut Work,
    ) -> PortFuture<'a, bool, CommonError>;
}

/// What is published, by which service and for which resource of whose (`aws:SourceArn`,
/// `aws:SourceAccount`).
#[derive(Clone, Copy)]
pub(crate) struct TopicMessage<'a> {
    pub(crate) topic_arn: &'a str,
    /// Such as `cloudwatch.amazonaws.com`.
    pub(crate) by: &'static str,
    pub(crate) source_arn: &'a str,
    pub(crate) source_account: &'a AccountId,
    pub(crate) subject: Option<&'a str>,
    pub(crate) message: &'a str,
}
