mod archive;
mod collector;
mod cursors;
mod receivers;
mod syslog;

use super::*;
use crate::audit::fixtures::LogRig;
use crate::config::{Batches, Begin, SinkKind};
use crate::outside::{SystemClock, SystemEntropy};
use jobs::Backoff;
use std::path::PathBuf;
use std::time::Duration;

/// A log and one sink of it.
struct Rig {
    log: LogRig,
    sink: config::Sink,
}

impl Rig {
    fn new(kind: SinkKind) -> Self {
        Self {
            log: LogRig::new(2_000),
            sink: config::Sink {
                name: String::from("sink"),
                begin: Begin::Oldest,
                filter: Vec::new(),
                batches: Batches {
                    events: 7,
                    bytes: 1 << 20,
                    longest: Duration::ZERO,
                },
                timeout: Duration::from_secs(60),
                kind,
            },
        }
    }

    fn around(&self) -> Surroundings {
        Surroundings {
            stream: Arc::clone(&self.log.stream),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        }
    }

    fn cursor(&self) -> PathBuf {
        self.log.dir.path().join("sink.json")
    }

    /// The sink as a start finds it, with pauses that tests can wait for.
    fn runner(&self) -> Runner {
        let around = self.around();
        let sender = Sender::new(&self.sink, &Taken::default(), &around.clock).unwrap();
        let dir = self.log.dir.path();
        let cursor = CursorFile::open(dir, &self.sink, &around.stream).unwrap();
        Runner::new(&self.sink, sender, cursor, around, SHORT)
    }

    /// Runs the sink until it has all that the log has.
    async fn send_all(&self) -> SinkState {
        let runner = self.runner();
        run_until(&runner, |state| state.behind_events == 0).await
    }

    /// The log's lines without their newlines.
    fn lines(&self) -> Vec<String> {
        self.log.text().lines().map(str::to_owned).collect()
    }
}

/// Runs `runner` until it stands so.
async fn run_until(runner: &Runner, stands: impl Fn(&SinkState) -> bool) -> SinkState {
    let waiting = async {
        loop {
            let state = runner.state().await;
            if stands(&state) {
                return state;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        () = runner.run() => panic!("it has no end"),
        state = waiting => state,
    }
}

/// INVARIANT: what a sink got is every line at least once, and each for the first time in order.
fn assert_at_least_once_in_order(got: &[String], expected: &[String]) {
    let mut first_times: Vec<&String> = Vec::new();
    for line in got {
        if !first_times.contains(&line) {
            first_times.push(line);
        }
    }
    assert_eq!(first_times, expected.iter().collect::<Vec<_>>());
}

const SHORT: Pauses = Pauses {
    usual: Backoff {
        first_millis: 2,
        most_millis: 20,
    },
    slow: Backoff {
        first_millis: 2,
        most_millis: 20,
    },
};
