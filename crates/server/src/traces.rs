//! Spans of requests, for a collector that speaks OTLP over HTTP.
//!
//! Rules kept here:
//! - SECURITY: a span has the service, the operation, the outcome, times, the account, the Region and
//!   the id of the request. No names, no values, no tokens;
//! - a request never waits for a span: there is room for so many, and what comes beyond them is
//!   dropped and counted. What a collector does not take is not sent again;
//! - who sends `traceparent` decides whether there is a span; for the others it is drawn by lot.

mod context;
mod exporter;
mod otlp;

pub(crate) use exporter::Exporter;

use crate::config::Traces;
use base::{Clock, Entropy, Timestamp};
use context::Parent;
use parking_lot::Mutex;
use services::{Ended, Observer};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Makes spans of requests and keeps them until they are sent.
pub(crate) struct Spans {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Of how many traces in 2^32 there are spans.
    sampled: u64,
    waiting: Mutex<Vec<Span>>,
    dropped: AtomicU64,
    sent: AtomicU64,
}

/// What there is to tell of one request.
struct Span {
    trace: [u8; 16],
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    service: Option<&'static str>,
    operation: Option<&'static str>,
    code: Option<&'static str>,
    status: u16,
    account: Option<Box<str>>,
    region: Option<Box<str>>,
    request_id: Box<str>,
    ended: Timestamp,
    took: Duration,
    /// The parts of it, one after the other: until the caller was known, and the rest.
    authenticated: Option<Part>,
}

/// When the first part ended, and the ids of both.
struct Part {
    after: Duration,
    ids: [[u8; 8]; 2],
}

/// How many spans came to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanCounts {
    /// Requests whose spans a collector took.
    pub(crate) sent: u64,
    /// Requests whose spans there was no room for, or no collector took.
    pub(crate) dropped: u64,
}

impl Spans {
    /// None yet.
    pub(crate) fn new(settings: &Traces, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            clock,
            entropy,
            sampled: settings.sampled,
            waiting: Mutex::default(),
            dropped: AtomicU64::new(0),
            sent: AtomicU64::new(0),
        }
    }

    /// How many came to what since the start.
    pub(crate) fn counts(&self) -> SpanCounts {
        SpanCounts {
            sent: self.sent.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
        }
    }

    /// Takes up to `most` of those that wait.
    fn take(&self, most: usize) -> Vec<Span> {
        let mut waiting = self.waiting.lock();
        let taken = waiting.len().min(most);
        waiting.drain(..taken).collect()
    }

    /// The trace and the span that a request belongs to, if there is to be a span.
    fn place(&self, parent: Option<&str>) -> Option<([u8; 16], Option<[u8; 8]>)> {
        if let Some(parent) = parent.and_then(Parent::parse) {
            return parent.sampled.then_some((parent.trace, Some(parent.span)));
        }
        let mut trace = [0_u8; 16];
        self.entropy.fill_public(&mut trace);
        let [a, b, c, d, ..] = trace;
        let lot = u64::from(u32::from_be_bytes([a, b, c, d]));
        (lot < self.sampled && trace != [0; 16]).then_some((trace, None))
    }

    fn id(&self) -> [u8; 8] {
        let mut id = [0_u8; 8];
        self.entropy.fill_public(&mut id);
        id
    }

    fn span(&self, request: &Ended<'_>) -> Option<Span> {
        let (trace, parent) = self.place(request.trace_parent)?;
        Some(Span {
            trace,
            id: self.id(),
            parent,
            service: request.service,
            operation: request.operation,
            code: request.code,
            status: request.status,
            account: request.account.map(|account| account.as_str().into()),
            region: request.region.map(|region| region.as_str().into()),
            request_id: request.request_id.into(),
            ended: self.clock.now(),
            took: request.took,
            authenticated: request.authenticated_after.map(|after| Part {
                after: after.min(request.took),
                ids: [self.id(), self.id()],
            }),
        })
    }
}

impl Observer for Spans {
    fn ended(&self, request: &Ended<'_>) {
        let Some(span) = self.span(request) else {
            return;
        };
        let mut waiting = self.waiting.lock();
        if waiting.len() < MOST_WAITING {
            waiting.push(span);
            return;
        }
        drop(waiting);
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// About two MiB of them.
const MOST_WAITING: usize = 8_192;

#[cfg(test)]
mod tests;
