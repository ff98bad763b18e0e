//! Sending to any kind of sink.

use super::SinksError;
use super::archive::ArchiveSender;
use super::batch::Batch;
use super::collector::CollectorSender;
use super::syslog::SyslogSender;
use crate::config::{self, SinkKind};
use crate::process::Taken;
use base::Clock;
use std::sync::Arc;
use std::time::Duration;

/// Sends batches.
pub(super) enum Sender {
    /// To a server of syslog.
    Syslog(SyslogSender),
    /// To a collector.
    Collector(CollectorSender),
    /// To a bucket.
    Archive(ArchiveSender),
}

/// Why a batch was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SendError {
    /// For the operator. SECURITY: no secrets, and nothing that the other side wrote but plain words.
    pub(super) text: String,
    /// When to try again.
    pub(super) pace: Pace,
}

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Soon, and ever more slowly.
    Usual,
    /// Slowly: somebody has to mend something first.
    Slow,
    /// Not before this has passed: the other side asked for it.
    After(Duration),
    /// With fewer events at once.
    Smaller,
}

impl SendError {
    /// One that may pass by itself.
    pub(super) fn usual(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            pace: Pace::Usual,
        }
    }

    /// How an answer with `status` is to be understood.
    pub(super) fn pace_of(status: http::StatusCode, retry_after: Option<Duration>) -> Pace {
        match (status.as_u16(), retry_after) {
            (413, _) => Pace::Smaller,
            (429 | 500..=599, Some(wait)) => Pace::After(wait),
            (408 | 425 | 429 | 500..=599, _) => Pace::Usual,
            _ => Pace::Slow,
        }
    }
}

impl Sender {
    pub(super) fn new(
        sink: &config::Sink,
        taken: &Taken,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, SinksError> {
        Ok(match &sink.kind {
            SinkKind::Syslog(syslog) => Self::Syslog(SyslogSender::new(&sink.name, syslog)),
            SinkKind::Https(collector) => {
                Self::Collector(CollectorSender::new(&sink.name, collector, taken)?)
            }
            SinkKind::S3(archive) => Self::Archive(ArchiveSender::new(archive, clock)),
        })
    }

    /// Whether the same batch sent twice is there once, if it is the same to the last event.
    pub(super) fn is_repeatable(&self) -> bool {
        matches!(self, Self::Archive(_))
    }

    /// Sends `batch`. When this returns without an error, the sink has it.
    pub(super) async fn send(&self, batch: &Batch) -> Result<(), SendError> {
        match self {
            Self::Syslog(syslog) => syslog.send(batch).await,
            Self::Collector(collector) => collector.send(batch).await,
            Self::Archive(archive) => archive.send(batch).await,
        }
    }
}
