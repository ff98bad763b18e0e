//! The generator: sends prepared requests over many connections from at most two threads.
//!
//! Rules kept here: a connection has one request on its way at a time; every answer is checked;
//! only what completes between the two samples of the processor clock counts; latency at a fixed
//! rate counts from when a request was due, so that a stalled server cannot hide what it delayed.

mod connection;
mod reply;
mod worker;

pub(crate) use connection::{Connection, Endpoint};
pub(crate) use worker::runtime;

use crate::clock::instant;
use crate::sign::Signed;
use crate::{Error, measure::Sample};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

/// What to send, and how.
pub(crate) struct Load {
    pub(crate) requests: Vec<Signed>,
    pub(crate) connections: usize,
    pub(crate) length: Length,
    /// Requests per second over all connections; as many as possible without.
    pub(crate) rate: Option<u32>,
}

/// When a load ends.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    /// When each request was sent once. Everything is measured.
    Once,
    /// After a time, or earlier when each request was sent once.
    OnceWithin(Window),
    /// After a time; the requests are sent over and over.
    Repeat(Window),
}

/// The time of a measurement.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// Puts `load` on the server at `endpoint`. `cpu` reads the processor time that it has used.
pub(crate) fn drive(
    endpoint: &Endpoint,
    load: Load,
    cpu: impl Fn() -> Result<Duration, Error>,
) -> Result<Sample, Error> {
    driven(endpoint, load, cpu, |shared, ended| {
        shared.outlast(ended);
        Ok(())
    })
    .map(|(sample, ())| sample)
}

/// Puts `load`, which repeats, on the server while `work` is done, and measures as long as that
/// takes: the time of the load is the most. `work` can ask whether the load is still on.
pub(crate) fn drive_during<T>(
    endpoint: &Endpoint,
    load: Load,
    cpu: impl Fn() -> Result<Duration, Error>,
    work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, Error>,
) -> Result<(Sample, T), Error> {
    driven(endpoint, load, cpu, |shared, _| {
        work(&|| shared.phase.load(Ordering::Acquire) != STOP)
    })
}

fn driven<T>(
    endpoint: &Endpoint,
    load: Load,
    cpu: impl Fn() -> Result<Duration, Error>,
    pass: impl FnOnce(&Shared, &Receiver<Ended>) -> Result<T, Error>,
) -> Result<(Sample, T), Error> {
    let threads = load.connections.clamp(1, THREADS);
    let shared = Arc::new(Shared::new(load, threads));
    let (events, heard) = channel();
    let workers: Vec<Worker> = (0..threads)
        .map(|number| start(number, endpoint.clone(), shared.clone(), events.clone()))
        .collect();
    drop(events);
    let timed = conduct(&shared, &heard, cpu, pass);
    shared.phase.store(STOP, Ordering::Release);
    let mut latencies = Vec::new();
    let mut failure = None;
    for worker in workers {
        match worker.join().map_err(|_| Error::ThreadLost)? {
            Ok(part) => latencies.extend(part),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    match (failure, timed) {
        (Some(error), _) | (None, Err(error)) => Err(error),
        (None, Ok((elapsed, cpu, done))) => Ok((Sample::new(latencies, elapsed, cpu), done)),
    }
}

/// Sends one request and returns the status and the body of its answer.
pub(crate) fn tell(endpoint: &Endpoint, request: &[u8]) -> Result<(u16, Vec<u8>), Error> {
    let exchange = async {
        let mut connection = Connection::open(endpoint).await?;
        let (status, body) = connection.answer(request).await?;
        Ok((status, body.to_vec()))
    };
    worker::runtime()?.block_on(async {
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .unwrap_or(Err(Error::Stuck(PATIENCE.as_secs())))
    })
}

/// Asks one question and returns the answer's body.
pub(crate) fn ask(endpoint: &Endpoint, request: &Signed) -> Result<Vec<u8>, Error> {
    let exchange = async {
        let mut connection = Connection::open(endpoint).await?;
        connection.exchange(request).await.map(<[u8]>::to_vec)
    };
    worker::runtime()?.block_on(async {
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .unwrap_or(Err(Error::Stuck(PATIENCE.as_secs())))
    })
}

/// What the threads have in common.
struct Shared {
    load: Load,
    /// How many requests were taken.
    taken: AtomicUsize,
    phase: AtomicU8,
    /// Passed by all threads when each has its connections.
    ready: Barrier,
    threads: usize,
}

impl Shared {
    fn new(load: Load, threads: usize) -> Self {
        let phase = match load.length {
            Length::Once => MEASURED,
            Length::OnceWithin(_) | Length::Repeat(_) => WARM_UP,
        };
        Self {
            load,
            taken: AtomicUsize::new(0),
            phase: AtomicU8::new(phase),
            ready: Barrier::new(threads + 1),
            threads,
        }
    }

    /// The next request, or `None` when the load is over.
    fn next(&self) -> Option<&Signed> {
        if self.phase.load(Ordering::Acquire) == STOP {
            return None;
        }
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let requests = &self.load.requests;
        match self.load.length {
            Length::Repeat(_) => requests.get(number % requests.len().max(1)),
            Length::Once | Length::OnceWithin(_) => requests.get(number),
        }
    }

    fn is_measured(&self) -> bool {
        self.phase.load(Ordering::Acquire) == MEASURED
    }

    /// How long to warm up, and to measure.
    fn times(&self) -> (Duration, Duration) {
        match self.load.length {
            Length::Once => (Duration::ZERO, self.limit()),
            Length::OnceWithin(window) | Length::Repeat(window) => {
                (window.warm_up, window.measured)
            }
        }
    }

    /// Waits for the end of the time to measure, or of the requests.
    fn outlast(&self, ended: &Receiver<Ended>) {
        let (_, measured) = self.times();
        if ends_within(ended, measured) && matches!(self.load.length, Length::Once) {
            // The requests are all taken; the last are still under way on other threads.
            for _ in 1..self.threads {
                let _ = ended.recv();
            }
        }
    }

    /// How long the whole may take before it is given up.
    fn limit(&self) -> Duration {
        match self.load.length {
            Length::Once => PATIENCE * 10,
            Length::OnceWithin(window) | Length::Repeat(window) => {
                window.warm_up + window.measured + PATIENCE
            }
        }
    }
}

type Worker = JoinHandle<Result<Vec<u32>, Error>>;

/// A thread ended its part: it failed, or the requests ran out.
struct Ended;

fn start(number: usize, endpoint: Endpoint, shared: Arc<Shared>, events: Sender<Ended>) -> Worker {
    spawn(move || {
        let latencies = worker::run(number, &endpoint, &shared);
        // Nobody listens any more when the time is up.
        let _ = events.send(Ended);
        latencies
    })
}

/// Tells the threads when to warm up, to measure and to stop; `pass` is the time to measure. Returns
/// how long that took, the processor time that the server used meanwhile, and what `pass` gave.
fn conduct<T>(
    shared: &Shared,
    ended: &Receiver<Ended>,
    cpu: impl Fn() -> Result<Duration, Error>,
    pass: impl FnOnce(&Shared, &Receiver<Ended>) -> Result<T, Error>,
) -> Result<(Duration, Duration, T), Error> {
    shared.ready.wait();
    if ends_within(ended, shared.times().0) {
        return Err(Error::RanDry(shared.load.requests.len()));
    }
    let cpu_before = cpu()?;
    let began = instant();
    // A thread that failed has stopped all; then it stays so.
    let _ = shared
        .phase
        .compare_exchange(WARM_UP, MEASURED, Ordering::AcqRel, Ordering::Acquire);
    let done = pass(shared, ended)?;
    let elapsed = began.elapsed();
    Ok((elapsed, cpu()?.saturating_sub(cpu_before), done))
}

fn ends_within(ended: &Receiver<Ended>, time: Duration) -> bool {
    !time.is_zero() && !matches!(ended.recv_timeout(time), Err(RecvTimeoutError::Timeout))
}

const WARM_UP: u8 = 0;
const MEASURED: u8 = 1;
const STOP: u8 = 2;

/// The server needs the other half of a small machine.
const THREADS: usize = 2;

/// How long an answer may take before the run is given up.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
