//! One sink at work.

use super::Surroundings;
use super::batch::{Batch, Gathering, Head};
use super::cursor::{Cursor, CursorFile};
use super::sending::{Pace, SendError, Sender};
use super::state::SinkState;
use crate::config;
use crate::error::chain;
use base::Timestamp;
use jobs::Backoff;
use parking_lot::Mutex;
use services::ports::EventStream as _;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// One sink at work.
pub(super) struct Runner {
    sink: config::Sink,
    sender: Sender,
    file: CursorFile,
    around: Surroundings,
    pauses: Pauses,
    progress: Mutex<Progress>,
}

/// How long to wait after failures.
#[derive(Clone, Copy)]
pub(super) struct Pauses {
    /// After those that may pass by themselves.
    pub(super) usual: Backoff,
    /// After those that somebody has to mend.
    pub(super) slow: Backoff,
}

impl Pauses {
    pub(super) const USUAL: Self = Self {
        usual: Backoff {
            first_millis: 1_000,
            most_millis: 60_000,
        },
        slow: Backoff {
            first_millis: 30_000,
            most_millis: 300_000,
        },
    };
}

/// How far it is, and how it went.
struct Progress {
    cursor: Cursor,
    /// What is on disk.
    kept: Cursor,
    /// Failures in a row.
    failures: u32,
    last_error: Option<(Timestamp, String)>,
    sent: u64,
    /// Events at once at most: fewer than set while the other side finds that too much.
    most_events: usize,
}

impl Runner {
    pub(super) fn new(
        sink: &config::Sink,
        sender: Sender,
        (file, cursor): (CursorFile, Cursor),
        around: Surroundings,
        pauses: Pauses,
    ) -> Self {
        Self {
            sink: sink.clone(),
            sender,
            file,
            around,
            pauses,
            progress: Mutex::new(Progress {
                cursor,
                kept: cursor,
                failures: 0,
                last_error: None,
                sent: 0,
                most_events: sink.batches.events,
            }),
        }
    }

    /// What it is called.
    pub(super) fn name(&self) -> &str {
        &self.sink.name
    }

    /// The number of the last event that it has, or that is not for it.
    pub(super) fn after(&self) -> u64 {
        self.progress.lock().cursor.after
    }

    /// Sends what there is and what comes, until dropped.
    pub(super) async fn run(&self) {
        loop {
            if let Err((error, events)) = self.step(self.sink.batches.longest).await {
                let pause = self.failed(error, events);
                sleep(pause).await;
            }
        }
    }

    /// Sends what there is, and ends with it or with the first failure.
    pub(super) async fn finish(&self) {
        while self.after() < self.around.stream.newest() {
            if let Err((error, events)) = self.step(Duration::ZERO).await {
                self.failed(error, events);
                return;
            }
        }
    }

    /// Sends one batch, for which an event waits no longer than `longest`. An error comes with the
    /// number of events that were not taken.
    async fn step(&self, longest: Duration) -> Result<(), (SendError, usize)> {
        let (cursor, bounds) = {
            let progress = self.progress.lock();
            let mut bounds = self.sink.batches;
            bounds.events = progress.most_events;
            bounds.longest = longest;
            (progress.cursor, bounds)
        };
        let gathering = Gathering {
            stream: &self.around.stream,
            filter: &self.sink.filter,
            bounds,
        };
        let unread = |error| {
            (
                SendError::usual(format!("the audit log cannot be read: {error}")),
                0,
            )
        };
        let batch = gathering.next(cursor).await.map_err(unread)?;
        let unkept = |error| (SendError::usual(error), 0);
        if !batch.lines.is_empty() {
            if self.sender.is_repeatable() && cursor.through.is_none() {
                let planned = Cursor {
                    through: Some(batch.through),
                    ..cursor
                };
                self.keep(planned).await.map_err(unkept)?;
            }
            let sent = timeout(self.sink.timeout, self.sender.send(&batch)).await;
            let sent = sent.unwrap_or_else(|_| Err(SendError::usual("it took too long")));
            sent.map_err(|error| (error, batch.lines.len()))?;
        }
        self.advance(&batch).await.map_err(unkept)
    }

    /// The sink has `batch`.
    async fn advance(&self, batch: &Batch) -> Result<(), String> {
        let cursor = Cursor {
            after: batch.through,
            through: None,
        };
        let kept = self.progress.lock().kept;
        let is_far = batch.through.saturating_sub(kept.after) >= KEEP_WITHOUT_SENDING;
        if !batch.lines.is_empty() || is_far || kept.through.is_some() {
            self.keep(cursor).await?;
        } else {
            self.progress.lock().cursor = cursor;
        }
        if !batch.lines.is_empty() {
            self.went_well(batch.lines.len());
        }
        Ok(())
    }

    async fn keep(&self, cursor: Cursor) -> Result<(), String> {
        let file = self.file.clone();
        let kept = tokio::task::spawn_blocking(move || file.keep(cursor)).await;
        match kept {
            Ok(Ok(())) => {
                let mut progress = self.progress.lock();
                progress.cursor = cursor;
                progress.kept = cursor;
                Ok(())
            }
            Ok(Err(error)) => Err(chain(&error)),
            Err(error) => Err(error.to_string()),
        }
    }

    fn went_well(&self, events: usize) {
        let mut progress = self.progress.lock();
        progress.sent = progress.sent.saturating_add(events as u64);
        let most = self.sink.batches.events;
        progress.most_events = progress.most_events.saturating_mul(2).min(most);
        if std::mem::take(&mut progress.failures) > 0 {
            tracing::info!(sink = self.sink.name, "the sink takes audit events again");
        }
    }

    /// Notes that `events` were not taken, and tells how long to wait.
    fn failed(&self, error: SendError, events: usize) -> Duration {
        let mut progress = self.progress.lock();
        if progress.failures == 0 {
            tracing::warn!(
                sink = self.sink.name,
                error = error.text,
                "a sink does not take audit events: they stay in the log, and are tried again"
            );
        }
        progress.failures = progress.failures.saturating_add(1);
        let failures = progress.failures;
        progress.last_error = Some((self.around.clock.now(), error.text));
        let entropy = self.around.entropy.as_ref();
        let millis = |backoff: Backoff| {
            let millis = backoff.after(failures, entropy);
            Duration::from_millis(u64::try_from(millis).unwrap_or_default())
        };
        match error.pace {
            Pace::Usual => millis(self.pauses.usual),
            Pace::Slow => millis(self.pauses.slow),
            Pace::After(wait) => wait.min(LONGEST_WAIT).max(millis(self.pauses.usual)),
            Pace::Smaller if events > 1 => {
                progress.most_events = (events / 2).max(1);
                millis(self.pauses.usual)
            }
            Pace::Smaller => millis(self.pauses.slow),
        }
    }

    /// How it stands.
    pub(super) async fn state(&self) -> SinkState {
        let after = self.after();
        let behind_seconds = self.age_behind(after).await.unwrap_or_default();
        let progress = self.progress.lock();
        let last_error = progress.last_error.as_ref();
        SinkState {
            sink: self.sink.name.clone(),
            kind: self.sink.kind.name().to_owned(),
            failing: progress.failures > 0,
            sent_through: progress.cursor.after,
            behind_events: self
                .around
                .stream
                .newest()
                .saturating_sub(progress.cursor.after),
            behind_seconds,
            sent: progress.sent,
            last_error: last_error.map(|(_, text)| text.clone()),
            last_error_time: last_error.map(|(time, _)| time.to_iso()),
        }
    }

    /// How old the first event behind number `after` is, in seconds.
    async fn age_behind(&self, after: u64) -> Option<u64> {
        let lines = self.around.stream.lines(after, 1, 1).await.ok()?;
        let head = Head::of(lines.first()?);
        let then = Timestamp::parse_iso(head.time()?)?.as_millis();
        let now = self.around.clock.now().as_millis();
        u64::try_from(now.saturating_sub(then) / 1_000).ok()
    }
}

/// Events that are not for a sink are read again after a restart, up to that many.
const KEEP_WITHOUT_SENDING: u64 = 10_000;
/// The longest that the other side may ask to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(600);
