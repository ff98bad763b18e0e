//! What the services count while they work.
//!
//! Rules kept here:
//! - SECURITY: what is counted by is fixed when the program is built (services, operations, names of
//!   errors, steps). Nothing that a caller sends becomes a label;
//! - counting takes a few relaxed additions to memory that threads do not share.

mod observer;
#[cfg(test)]
mod tests;

pub use self::observer::{Ended, Observer};

use crate::numbering::{number_of, numbered};
use crate::operation::Entry;
use crate::service::Service;
use base::{STRIPES, Tally, stripe};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// What was counted since the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// Answers, by operation. Operations that were never asked for are left out.
    pub requests: Vec<RequestCounts>,
    /// Requests under way.
    pub under_way: u64,
    /// Requests whose callers went away before the answer.
    pub abandoned: u64,
    /// Runs of rotations that workers ended, by outcome.
    pub rotations: Vec<(&'static str, u64)>,
    /// Steps of rotations, by name and outcome.
    pub rotation_steps: Vec<(&'static str, &'static str, u64)>,
}

/// The answers of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestCounts {
    /// The service, as signatures write it; `unknown` when the request named none.
    pub service: &'static str,
    /// The operation; `Unknown` when the service has none of the name.
    pub operation: &'static str,
    /// How often each error was answered, and [`SUCCESS`].
    pub codes: Vec<(&'static str, u64)>,
    /// How many of them were beyond the caller's rate.
    pub throttled: u64,
    /// Seconds that all answers took together.
    pub seconds: f64,
    /// How many answers took at most as long as each of [`LATENCIES`], those of the bounds before not
    /// counted again; the last number is that of the others.
    pub latencies: [u64; BUCKETS],
}

impl RequestCounts {
    /// How many answers there were.
    pub fn total(&self) -> u64 {
        self.latencies.iter().sum()
    }
}

/// The counters.
pub(crate) struct Metrics {
    stripes: Vec<Stripe>,
    /// How many numbers operations have; the one after is for what names no service.
    numbers: usize,
    /// Of errors only, so that a success takes no lock. By the operation's number and the error's name.
    errors: RwLock<BTreeMap<(usize, &'static str), Tally>>,
    rotations: [AtomicU64; OUTCOMES.len()],
    steps: [[AtomicU64; 2]; STEPS.len()],
}

/// What the threads of one stripe count.
#[repr(align(64))]
struct Stripe {
    begun: AtomicU64,
    ended: AtomicU64,
    abandoned: AtomicU64,
    operations: Vec<OperationCounters>,
}

#[derive(Default)]
struct OperationCounters {
    throttled: AtomicU64,
    nanos: AtomicU64,
    latencies: [AtomicU64; BUCKETS],
}

/// A request under way. One that is dropped before its end was abandoned.
pub(crate) struct UnderWay<'a> {
    metrics: &'a Metrics,
    since: Instant,
    is_ended: bool,
}

/// How a run of a rotation ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RotationEnd {
    Succeeded,
    Failed,
    Abandoned,
    Cancelled,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let numbers = numbered().count();
        let stripe = |_| Stripe {
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            operations: (0..=numbers)
                .map(|_| OperationCounters::default())
                .collect(),
        };
        Self {
            stripes: (0..STRIPES).map(stripe).collect(),
            numbers,
            errors: RwLock::default(),
            rotations: Default::default(),
            steps: Default::default(),
        }
    }

    /// A request comes in.
    pub(crate) fn begin(&self) -> UnderWay<'_> {
        if let Some(stripe) = self.stripe() {
            stripe.begun.fetch_add(1, Ordering::Relaxed);
        }
        UnderWay {
            metrics: self,
            since: Instant::now(),
            is_ended: false,
        }
    }

    /// A call is beyond its caller's rate.
    pub(crate) fn throttled(&self, service: &Service, entry: Option<&Entry>) {
        if let Some(counters) = self.counters(number_of(service, entry)) {
            counters.throttled.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A run of a rotation is over.
    pub(crate) fn rotation_ended(&self, end: RotationEnd) {
        if let Some(counter) = self.rotations.get(end as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A function returned from the step called `name`.
    pub(crate) fn step_returned(&self, name: &str, succeeded: bool) {
        let step = STEPS.iter().position(|step| *step == name);
        let counters = step.and_then(|step| self.steps.get(step));
        if let Some(counter) = counters.and_then(|pair| pair.get(usize::from(!succeeded))) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What was counted so far. Counts that are made meanwhile may be in it or not.
    pub(crate) fn counts(&self) -> Counts {
        let names = numbered().map(|(service, entry)| {
            (
                service.name,
                entry.map_or(UNKNOWN_OPERATION, |entry| entry.info.name),
            )
        });
        let names = names.chain([(UNKNOWN_SERVICE, UNKNOWN_OPERATION)]);
        let requests = names
            .enumerate()
            .map(|(number, names)| self.requests(number, names))
            .filter(|counts| counts.total() > 0);
        // Ends before beginnings, so that there are never more of them.
        let ended = self.sum(|stripe| &stripe.ended);
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let steps = STEPS
            .iter()
            .zip(&self.steps)
            .flat_map(|(name, [ok, failed])| {
                [
                    (*name, "succeeded", load(ok)),
                    (*name, "failed", load(failed)),
                ]
            });
        Counts {
            requests: requests.collect(),
            abandoned: self.sum(|stripe| &stripe.abandoned),
            under_way: self.sum(|stripe| &stripe.begun).saturating_sub(ended),
            rotations: OUTCOMES
                .iter()
                .zip(&self.rotations)
                .map(|(outcome, counter)| (*outcome, load(counter)))
                .collect(),
            rotation_steps: steps.collect(),
        }
    }

    fn requests(&self, number: usize, names: (&'static str, &'static str)) -> RequestCounts {
        let mut counts = RequestCounts {
            service: names.0,
            operation: names.1,
            codes: Vec::new(),
            throttled: 0,
            seconds: 0.0,
            latencies: [0; BUCKETS],
        };
        let mut spent = Duration::ZERO;
        let all = self.stripes.iter();
        for counters in all.filter_map(|stripe| stripe.operations.get(number)) {
            for (sum, latency) in counts.latencies.iter_mut().zip(&counters.latencies) {
                *sum = sum.saturating_add(latency.load(Ordering::Relaxed));
            }
            let throttled = counters.throttled.load(Ordering::Relaxed);
            counts.throttled = counts.throttled.saturating_add(throttled);
            spent =
                spent.saturating_add(Duration::from_nanos(counters.nanos.load(Ordering::Relaxed)));
        }
        counts.seconds = spent.as_secs_f64();
        let errors = self.errors.read();
        let own = errors.range((number, "")..(number.saturating_add(1), ""));
        counts
            .codes
            .extend(own.map(|((_, code), tally)| (*code, tally.sum())));
        let failed: u64 = counts.codes.iter().map(|(_, times)| times).sum();
        let succeeded = counts.total().saturating_sub(failed);
        if succeeded > 0 {
            counts.codes.push((SUCCESS, succeeded));
        }
        counts
    }

    fn answered(&self, number: Option<usize>, code: Option<&'static str>, took: Duration) {
        let number = number.unwrap_or(self.numbers);
        let Some(counters) = self.counters(number) else {
            return;
        };
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = LATENCIES
            .iter()
            .take_while(|bound| micros > **bound)
            .count();
        if let Some(latency) = counters.latencies.get(bucket) {
            latency.fetch_add(1, Ordering::Relaxed);
        }
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        counters.nanos.fetch_add(nanos, Ordering::Relaxed);
        if let Some(code) = code {
            self.failed(number, code);
        }
    }

    fn failed(&self, number: usize, code: &'static str) {
        if let Some(tally) = self.errors.read().get(&(number, code)) {
            return tally.add(1);
        }
        self.errors
            .write()
            .entry((number, code))
            .or_default()
            .add(1);
    }

    fn counters(&self, number: usize) -> Option<&OperationCounters> {
        self.stripe()?.operations.get(number)
    }

    fn stripe(&self) -> Option<&Stripe> {
        self.stripes.get(stripe())
    }

    fn sum(&self, counter: fn(&Stripe) -> &AtomicU64) -> u64 {
        self.stripes
            .iter()
            .map(|stripe| counter(stripe).load(Ordering::Relaxed))
            .sum()
    }
}

impl UnderWay<'_> {
    /// When the request came.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// The request is answered: with `code`, or well. Gives how long it took.
    pub(crate) fn end(mut self, number: Option<usize>, code: Option<&'static str>) -> Duration {
        let took = self.since.elapsed();
        self.metrics.answered(number, code, took);
        self.is_ended = true;
        took
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let Some(stripe) = self.metrics.stripe() else {
            return;
        };
        stripe.ended.fetch_add(1, Ordering::Relaxed);
        if !self.is_ended {
            stripe.abandoned.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Stands for the error of an answer that is none.
pub const SUCCESS: &str = "OK";
/// The bounds of latencies, in microseconds.
pub const LATENCIES: [u64; BUCKETS - 1] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 10_000_000,
];
const BUCKETS: usize = 17;
const UNKNOWN_SERVICE: &str = "unknown";
const UNKNOWN_OPERATION: &str = "Unknown";
/// In the order of [`RotationEnd`].
const OUTCOMES: [&str; 4] = ["succeeded", "failed", "abandoned", "cancelled"];
/// As functions are told of them.
const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];
