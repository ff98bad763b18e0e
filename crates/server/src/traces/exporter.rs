//! Sends spans to the collector, some at a time.

use super::{Spans, otlp};
use crate::config::Traces;
use crate::error::chain;
use crate::outbound::{self, OutboundError, TrustError};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, StatusCode};
use http_body_util::Full;
use parking_lot::Mutex;
use rustls::ClientConfig;
use services::Observer;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// What takes spans to their collector.
pub(crate) struct Exporter {
    spans: Arc<Spans>,
    settings: Traces,
    /// Kept while it works: what the operator trusts may change.
    trust: tokio::sync::Mutex<Option<Arc<ClientConfig>>>,
    /// How many spans are being sent, and how. Who is stopped at it leaves them to the last [`Exporter::flush`].
    under_way: Mutex<Option<(u64, Bytes)>>,
}

/// Why spans were not taken.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("the request cannot be written")]
    Request(#[from] http::Error),
    #[error("the collector answered {0}")]
    Status(StatusCode),
    #[error("the collector took too long")]
    TooSlow,
}

impl Exporter {
    /// Of `spans`, as `settings` say.
    pub(crate) fn new(spans: Arc<Spans>, settings: Traces) -> Self {
        Self {
            spans,
            settings,
            trust: tokio::sync::Mutex::new(None),
            under_way: Mutex::new(None),
        }
    }

    /// The spans that it sends.
    pub(crate) fn spans(&self) -> &Spans {
        &self.spans
    }

    /// What is to be told of requests.
    pub(crate) fn observer(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.spans) as Arc<dyn Observer>
    }

    /// Sends what waits, every so often, until dropped.
    pub(crate) async fn run(&self) {
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_failing = false;
        loop {
            ticks.tick().await;
            let Some(outcome) = self.send_all().await else {
                continue;
            };
            // Said once, and once more when it is over.
            match (&outcome, is_failing) {
                (Err(error), false) => {
                    tracing::warn!(error = chain(error), "the collector does not take spans");
                }
                (Ok(()), true) => tracing::info!("the collector takes spans again"),
                _ => {}
            }
            is_failing = outcome.is_err();
        }
    }

    /// Sends what is left at a stop in order.
    pub(crate) async fn flush(&self) {
        if let Some(Err(error)) = self.send_all().await {
            tracing::warn!(error = chain(&error), "the last spans were not taken");
        }
    }

    /// Sends what waits. `None`: nothing did.
    async fn send_all(&self) -> Option<Result<(), ExportError>> {
        let mut outcome = None;
        loop {
            let Some((count, body)) = self.next() else {
                return outcome;
            };
            let sent = match timeout(LONGEST, self.send(body)).await {
                Ok(sent) => sent,
                Err(_) => Err(ExportError::TooSlow),
            };
            *self.under_way.lock() = None;
            let counter = match &sent {
                Ok(()) => &self.spans.sent,
                Err(_) => &self.spans.dropped,
            };
            counter.fetch_add(count, Ordering::Relaxed);
            let has_failed = sent.is_err();
            outcome = Some(sent);
            if has_failed {
                *self.trust.lock().await = None;
                return outcome;
            }
        }
    }

    /// What is to be sent: what somebody was stopped at, or else what waits.
    fn next(&self) -> Option<(u64, Bytes)> {
        let mut under_way = self.under_way.lock();
        if under_way.is_none() {
            let batch = self.spans.take(MOST_AT_ONCE);
            let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            *under_way = (count > 0).then(|| {
                let body = otlp::body(&self.settings.service_name, &batch);
                (count, Bytes::from(body))
            });
        }
        under_way.clone()
    }

    async fn send(&self, body: Bytes) -> Result<(), ExportError> {
        let endpoint = &self.settings.endpoint;
        let tls = match endpoint.is_https() {
            true => Some(self.trusted().await?),
            false => None,
        };
        let stream = outbound::connect(endpoint, tls).await?;
        let request = Request::post(endpoint.target())
            .header(HOST, endpoint.authority())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))?;
        let (parts, _) = outbound::exchange(stream, request, MOST_ANSWER).await?;
        match parts.status.is_success() {
            true => Ok(()),
            false => Err(ExportError::Status(parts.status)),
        }
    }

    async fn trusted(&self) -> Result<Arc<ClientConfig>, ExportError> {
        let mut trust = self.trust.lock().await;
        if let Some(known) = &*trust {
            return Ok(Arc::clone(known));
        }
        let ca_file = self.settings.ca_file.as_deref();
        let fresh = Arc::new(outbound::trust(ca_file)?);
        Ok(Arc::clone(trust.insert(fresh)))
    }
}

const PERIOD: Duration = Duration::from_millis(500);
/// Requests whose spans are sent together: about a MiB.
const MOST_AT_ONCE: usize = 512;
const LONGEST: Duration = Duration::from_secs(5);
const MOST_ANSWER: usize = 64 << 10;
