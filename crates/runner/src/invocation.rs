//! One invocation from the start of its process to its end.

use crate::api::{Api, Event, Failure, Invocation, IsOurs};
use crate::error::RunError;
use crate::execution::Outcome;
use crate::isolation::{Sandbox, Started, reports};
use crate::launch::{Plan, Report};
use crate::log::Capture;
use crate::process::Process;
use crate::settings::Limits;
use crate::tree;
use crate::watch::Watch;
use rustix::process::Pid;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until, timeout};

/// What an invocation is run with.
pub(crate) struct Attempt<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) limits: &'a Limits,
    pub(crate) plan: Plan,
    pub(crate) environment: &'a [u8],
    pub(crate) invocation: Arc<Invocation>,
    pub(crate) memory_bytes: u64,
    pub(crate) capture: &'a Capture,
}

/// What came of it.
pub(crate) struct Attempted {
    pub(crate) outcome: Outcome,
    pub(crate) init_duration: Option<Duration>,
    pub(crate) duration: Duration,
    pub(crate) max_memory_bytes: u64,
}

impl Attempt<'_> {
    /// Runs the function's process until it answered, ended, or passed a limit, and ends it with all
    /// that came from it.
    pub(crate) async fn run(
        self,
        api: Api,
        events: UnboundedReceiver<Event>,
    ) -> Result<Attempted, RunError> {
        let begun = Instant::now();
        let started = self.sandbox.start(&self.plan, self.environment).await?;
        let Started {
            process,
            output,
            channel,
        } = started;
        let is_ours = is_of(process.id(), self.sandbox.uid());
        let serve = api.serve(Arc::clone(&self.invocation), is_ours);
        let log_ended = Notify::new();
        let log = async {
            self.capture.fill(output).await;
            log_ended.notify_one();
        };
        let background = async {
            let (never, ()) = tokio::join!(serve, log);
            never
        };
        let watch = Watch::new(
            process.id(),
            &self.plan.writable,
            self.memory_bytes,
            self.limits,
        );
        let attended = Attended {
            attempt: &self,
            process,
            watch: Arc::new(watch),
            begun,
        };
        tokio::select! {
            biased;
            attempted = attended.finish(events, channel, &log_ended) => attempted,
            never = background => match never {},
        }
    }
}

/// SECURITY: see the rules of [`crate::api`].
fn is_of(process: Pid, uid: u32) -> IsOurs {
    Arc::new(move |local, peer| match tree::peer_socket(local, peer) {
        Some((owner, inode)) if owner == uid => tree::holds_socket(process, inode).unwrap_or(true),
        _ => false,
    })
}

/// A process that runs, while its log is read and its calls are served elsewhere.
struct Attended<'a> {
    attempt: &'a Attempt<'a>,
    process: Process,
    watch: Arc<Watch>,
    begun: Instant,
}

/// How the first part of an invocation ended.
enum End {
    Outcome(Outcome),
    /// The process ended without having answered.
    Gone,
}

impl Attended<'_> {
    async fn finish(
        self,
        mut events: UnboundedReceiver<Event>,
        channel: UnixStream,
        log_ended: &Notify,
    ) -> Result<Attempted, RunError> {
        let mut asked = None;
        let end = self.end_of(&mut events, &mut asked).await;
        let duration = asked.unwrap_or(self.begun).elapsed();
        if matches!(
            end,
            End::Outcome(Outcome::Returned(_) | Outcome::Failed { .. })
        ) {
            // What the runtime writes between its answer and its next call belongs to the log.
            let _ = timeout(AFTERWARDS, self.settled(&mut events)).await;
        }
        self.watch.look().await;
        let status = self.process.end().await;
        let status = status.map_err(RunError::system("end a function's process"))?;
        let _ = timeout(LAST_WORDS, log_ended.notified()).await;
        let Attempt {
            sandbox,
            invocation,
            ..
        } = self.attempt;
        let outcome = match (launched(channel, &invocation.request_id).await?, end) {
            (Some(not_started), _) => not_started,
            (None, End::Outcome(outcome)) => outcome,
            (None, End::Gone) => of_status(status, sandbox.adds_to_signals()),
        };
        Ok(Attempted {
            outcome,
            init_duration: asked.map(|asked| asked.duration_since(self.begun)),
            duration,
            max_memory_bytes: self.watch.most_memory(),
        })
    }

    /// Waits for an answer, for the end of the process, or for a limit.
    async fn end_of(
        &self,
        events: &mut UnboundedReceiver<Event>,
        asked: &mut Option<Instant>,
    ) -> End {
        let mut limit = self.attempt.limits.init;
        let mut deadline = self.begun + limit;
        let exceeded = Arc::clone(&self.watch).exceeded();
        tokio::pin!(exceeded);
        loop {
            tokio::select! {
                biased;
                Some(event) = events.recv() => {
                    if matches!(event, Event::Asked) {
                        let now = Instant::now();
                        *asked = Some(now);
                        limit = self.attempt.invocation.timeout;
                        deadline = now + limit;
                    } else if let Some(outcome) = answered(event) {
                        return End::Outcome(outcome);
                    }
                }
                outcome = &mut exceeded => return End::Outcome(outcome),
                () = self.process.exited() => return last(events).await,
                () = sleep_until(deadline) => return End::Outcome(Outcome::TimedOut(limit)),
            }
        }
    }

    /// Waits until the runtime is done with what it answered.
    async fn settled(&self, events: &mut UnboundedReceiver<Event>) {
        tokio::select! {
            () = self.process.exited() => {}
            () = async {
                while !matches!(events.recv().await, Some(Event::AskedAgain) | None) {}
            } => {}
        }
    }
}

/// The process has ended; what it sent before that may still be on its way.
async fn last(events: &mut UnboundedReceiver<Event>) -> End {
    let answer = async {
        while let Some(event) = events.recv().await {
            if let Some(outcome) = answered(event) {
                return End::Outcome(outcome);
            }
        }
        End::Gone
    };
    timeout(ON_ITS_WAY, answer).await.unwrap_or(End::Gone)
}

fn answered(event: Event) -> Option<Outcome> {
    match event {
        Event::Asked | Event::AskedAgain => None,
        Event::Responded(response) => Some(Outcome::Returned(response)),
        Event::Failed(failure) => Some(failed(failure)),
    }
}

/// `None` if the launcher became the function, and otherwise what that says about the function, or
/// about this host.
async fn launched(channel: UnixStream, request_id: &str) -> Result<Option<Outcome>, RunError> {
    let mut ready = false;
    for report in reports(channel).await {
        match report {
            Report::Ready { .. } => ready = true,
            Report::Failed(why) if ready => {
                return Ok(Some(failed(Failure {
                    error_type: String::from("Runtime.InvalidEntrypoint"),
                    message: format!("RequestId: {request_id} Error: {why}"),
                    trace: Vec::new(),
                })));
            }
            Report::Failed(why) => return Err(RunError::Launch(why)),
        }
    }
    if ready {
        Ok(None)
    } else {
        Err(RunError::Launch(String::from(
            "the launcher ended without a word",
        )))
    }
}

/// An error as the runtime reported it.
pub(crate) fn failed(failure: Failure) -> Outcome {
    Outcome::Failed {
        error_type: failure.error_type,
        message: failure.message,
        trace: failure.trace,
    }
}

fn of_status(status: ExitStatus, adds_to_signals: bool) -> Outcome {
    match (status.signal(), status.code()) {
        (Some(signal), _) => Outcome::Killed(signal),
        (None, Some(code @ 129..)) if adds_to_signals => Outcome::Killed(code.saturating_sub(128)),
        (None, code) => Outcome::Exited(code.unwrap_or_default()),
    }
}

const AFTERWARDS: Duration = Duration::from_millis(500);
const LAST_WORDS: Duration = Duration::from_millis(500);
const ON_ITS_WAY: Duration = Duration::from_millis(100);
