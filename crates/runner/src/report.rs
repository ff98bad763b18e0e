//! What is told of an invocation: its log between the lines that Lambda writes around it.

use crate::execution::{Executed, Execution, LogLine, Outcome};
use crate::invocation::Attempted;
use crate::scrub::Scrubber;
use base::Timestamp;
use std::time::Duration;

/// What the lines around a log say of an invocation.
pub(crate) struct Told {
    request_id: String,
    version: String,
    memory_mib: u32,
    began: Timestamp,
}

impl Told {
    /// Of `execution`, which begins now.
    pub(crate) fn of(execution: &Execution, began: Timestamp) -> Self {
        Self {
            request_id: execution.request_id.clone(),
            version: execution.version.clone(),
            memory_mib: execution.memory_mib,
            began,
        }
    }

    /// Puts Lambda's lines around `lines`, and takes secrets out of the outcome.
    pub(crate) fn finish(
        self,
        attempted: Attempted,
        lines: Vec<LogLine>,
        scrubber: &Scrubber,
        now: Timestamp,
    ) -> Executed {
        let line = |timestamp, text| LogLine { timestamp, text };
        let id = &self.request_id;
        let mut log = vec![line(
            self.began,
            format!("START RequestId: {id} Version: {}", self.version),
        )];
        log.extend(lines);
        let outcome = scrubbed(attempted.outcome, scrubber);
        log.extend(self.complaint(&outcome, now).map(|text| line(now, text)));
        log.push(line(now, format!("END RequestId: {id}")));
        let executed = Executed {
            outcome,
            log,
            init_duration: attempted.init_duration,
            duration: attempted.duration,
            max_memory_bytes: attempted.max_memory_bytes,
        };
        self.reported(executed, now)
    }

    /// Adds the line that ends a log.
    fn reported(&self, mut executed: Executed, now: Timestamp) -> Executed {
        let took = executed.duration;
        let mut text = format!(
            "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t\
             Max Memory Used: {} MB\t",
            self.request_id,
            millis(took),
            took.as_micros().div_ceil(1_000),
            self.memory_mib,
            executed.max_memory_bytes.div_ceil(1 << 20),
        );
        if let Some(init) = executed.init_duration {
            text = format!("{text}Init Duration: {} ms\t", millis(init));
        }
        match &executed.outcome {
            Outcome::Returned(_) | Outcome::Failed { .. } => {}
            Outcome::TimedOut(_) => text.push_str("Status: timeout"),
            Outcome::Exited(_) | Outcome::Killed(_) | Outcome::OutOfMemory => {
                let error_type = executed
                    .outcome
                    .failure("")
                    .map(|(error_type, _)| error_type);
                text.push_str("Status: error\tError Type: ");
                text.push_str(&error_type.unwrap_or_default());
            }
        }
        executed.log.push(LogLine {
            timestamp: now,
            text,
        });
        executed
    }

    /// What Lambda itself writes about a function that did not get to say it.
    fn complaint(&self, outcome: &Outcome, now: Timestamp) -> Option<String> {
        let id = &self.request_id;
        match outcome {
            Outcome::Returned(_) => None,
            Outcome::Failed {
                error_type,
                message,
                ..
            } => {
                let ours = OF_THE_SANDBOX.iter().any(|own| error_type.starts_with(own));
                ours.then(|| format!("RequestId: {id} {error_type}: {message}"))
            }
            Outcome::TimedOut(limit) => {
                let (iso, millis) = (now.to_iso(), now.as_millis().rem_euclid(1_000));
                let iso = iso.trim_end_matches('Z');
                let seconds = limit.as_secs_f64();
                Some(format!(
                    "{iso}.{millis:03}Z {id} Task timed out after {seconds:.2} seconds"
                ))
            }
            Outcome::Exited(_) | Outcome::Killed(_) | Outcome::OutOfMemory => {
                let (error_type, message) = outcome.failure(id)?;
                Some(format!("{message}\n{error_type}"))
            }
        }
    }
}

fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1_000.0)
}

/// A failure without secrets, and of bounded length: a log event holds no more.
fn scrubbed(outcome: Outcome, scrubber: &Scrubber) -> Outcome {
    let clean = |text: &str, most: usize| {
        let clean = scrubber.scrub(text);
        clean.chars().take(most).collect::<String>()
    };
    match outcome {
        Outcome::Failed {
            error_type,
            message,
            trace,
        } => Outcome::Failed {
            error_type: clean(&error_type, MOST_TYPE),
            message: clean(&message, MOST_TEXT),
            trace: trace.iter().map(|line| clean(line, MOST_TEXT)).collect(),
        },
        other => other,
    }
}

/// Types of errors that the function's own runtime does not write about.
const OF_THE_SANDBOX: [&str; 3] = ["Sandbox.", "Function.", "Runtime.InvalidEntrypoint"];
const MOST_TYPE: usize = 256;
const MOST_TEXT: usize = 32 << 10;

#[cfg(test)]
mod tests;
