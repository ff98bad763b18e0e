use crate::code::Code;
use crate::runtime::Runtime;
use crate::scrub::Scrubber;
use base::{Plaintext, Timestamp};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// One invocation of a function: what is run, as whom, with what.
pub struct Execution {
    /// The ARN that the invocation named.
    pub function_arn: String,
    /// The function's name without the rest of its ARN.
    pub function_name: String,
    /// `$LATEST`.
    pub version: String,
    /// `module.function`; a custom runtime reads it as it likes.
    pub handler: String,
    /// The language that the function asks for.
    pub runtime: Runtime,
    /// The function's zip.
    pub code: Code,
    /// The function's own variables. Those that Lambda sets itself are left out.
    pub environment: Vec<(String, String)>,
    /// Temporary credentials of the execution role.
    pub credentials: Credentials,
    /// The Region of the function.
    pub region: String,
    /// The URL of this server, for `SECRETS_MANAGER_ENDPOINT` and `AWS_ENDPOINT_URL`.
    pub endpoint: Option<String>,
    /// The certificates (PEM) that `endpoint` is verified with, when they are not the system's.
    pub ca_bundle: Option<Arc<[u8]>>,
    /// How long the handler may take. The start has a limit of its own.
    pub timeout: Duration,
    /// The function's `MemorySize`.
    pub memory_mib: u32,
    /// The id of the invocation: a new random UUID for each.
    pub request_id: String,
    /// The log stream that the function is told it writes to.
    pub log_stream_name: String,
    /// The event.
    pub payload: Plaintext,
}

/// Temporary credentials of a role.
pub struct Credentials {
    /// `ASIA…`.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Plaintext,
    /// The session token.
    pub session_token: Plaintext,
}

/// What came of an invocation.
pub struct Executed {
    /// How it ended.
    pub outcome: Outcome,
    /// What the function wrote.
    pub log: Vec<LogLine>,
    /// From the start of the process until it asked for the event; `None` if it never did.
    pub init_duration: Option<Duration>,
    /// From then until it answered or was ended.
    pub duration: Duration,
    /// The most memory that was seen in use at once, in bytes.
    pub max_memory_bytes: u64,
}

/// How an invocation ended.
pub enum Outcome {
    /// The handler's response. It is the caller's, and so not scrubbed.
    Returned(Plaintext),
    /// The handler, or its import, failed.
    Failed {
        /// For example `ValueError` or `Runtime.ImportModuleError`.
        error_type: String,
        /// What the function says about it.
        message: String,
        /// The stack, a line each, as the runtime reported it.
        trace: Vec<String>,
    },
    /// Nothing was answered within this time.
    TimedOut(Duration),
    /// The process ended without an answer, with this status.
    Exited(i32),
    /// A signal ended the process before it answered.
    Killed(i32),
    /// It used more memory than the function has.
    OutOfMemory,
}

/// One event of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When the first byte of the line arrived.
    pub timestamp: Timestamp,
    /// The line without its end.
    pub text: String,
}

impl Outcome {
    /// The payload that `Invoke` answers a failed invocation with, and `None` for one that
    /// returned.
    pub fn error_payload(&self, request_id: &str) -> Option<Vec<u8>> {
        let (error_type, message) = self.failure(request_id)?;
        let (with_id, trace) = match self {
            Self::Failed { trace, .. } => (Some(request_id), Some(trace.as_slice())),
            _ => (None, None),
        };
        let payload = ErrorPayload {
            error_message: &message,
            error_type: &error_type,
            request_id: with_id,
            stack_trace: trace,
        };
        serde_json::to_vec(&payload).ok()
    }

    /// The type and the message of a failure, in Lambda's words.
    pub fn failure(&self, request_id: &str) -> Option<(String, String)> {
        let sandbox = |error_type: &str, what: String| {
            let message = format!("RequestId: {request_id} Error: {what}");
            Some((String::from(error_type), message))
        };
        match self {
            Self::Returned(_) => None,
            Self::Failed {
                error_type,
                message,
                ..
            } => Some((error_type.clone(), message.clone())),
            Self::TimedOut(limit) => {
                let seconds = limit.as_secs_f64();
                let what = format!("Task timed out after {seconds:.2} seconds");
                sandbox("Sandbox.Timedout", what)
            }
            Self::Exited(0) => sandbox(
                "Runtime.ExitError",
                String::from("Runtime exited without providing a reason"),
            ),
            Self::Exited(status) => sandbox(
                "Runtime.ExitError",
                format!("Runtime exited with error: exit status {status}"),
            ),
            Self::Killed(signal) => sandbox(
                "Runtime.ExitError",
                format!("Runtime exited with error: signal: {}", named(*signal)),
            ),
            Self::OutOfMemory => sandbox(
                "Runtime.OutOfMemory",
                String::from("Runtime exited with error: signal: killed"),
            ),
        }
    }
}

impl Outcome {
    /// A failure without secrets, and of bounded length: a log event holds no more.
    pub(crate) fn scrubbed(self, scrubber: &Scrubber) -> Self {
        let clean = |text: &str, most: usize| {
            let clean = scrubber.scrub(text);
            clean.chars().take(most).collect::<String>()
        };
        match self {
            Self::Failed {
                error_type,
                message,
                trace,
            } => Self::Failed {
                error_type: clean(&error_type, MOST_TYPE),
                message: clean(&message, MOST_TEXT),
                trace: trace.iter().map(|line| clean(line, MOST_TEXT)).collect(),
            },
            other => other,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorPayload<'a> {
    error_message: &'a str,
    error_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_trace: Option<&'a [String]>,
}

/// A signal as Go, in which Lambda's supervisor is written, calls it.
fn named(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        15 => "terminated",
        other => return format!("signal {other}"),
    };
    String::from(name)
}

const MOST_TYPE: usize = 256;
const MOST_TEXT: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(outcome: &Outcome) -> serde_json::Value {
        serde_json::from_slice(&outcome.error_payload("id-1").unwrap()).unwrap()
    }

    #[test]
    fn a_response_has_no_error_payload() {
        let returned = Outcome::Returned(Plaintext::from(String::from("{}")));

        assert_eq!(returned.error_payload("id-1"), None);
    }

    #[test]
    fn a_failed_handler_is_told_with_its_trace() {
        let failed = Outcome::Failed {
            error_type: String::from("ValueError"),
            message: String::from("no"),
            trace: vec![String::from("line 1")],
        };

        assert_eq!(
            payload(&failed),
            serde_json::json!({
                "errorMessage": "no", "errorType": "ValueError",
                "requestId": "id-1", "stackTrace": ["line 1"],
            })
        );
    }

    #[test]
    fn errors_are_scrubbed_and_bounded() {
        let failed = Outcome::Failed {
            error_type: String::from("hunter22Error"),
            message: format!("hunter22 {}", "x".repeat(100_000)),
            trace: vec![String::from("in hunter22")],
        };
        let scrubber = Scrubber::new(&[Plaintext::from(String::from("hunter22"))]);

        let payload = payload(&failed.scrubbed(&scrubber));

        assert_eq!(payload["errorType"], "***Error");
        let message = payload["errorMessage"].as_str().unwrap();
        assert!(message.starts_with("*** x"));
        assert_eq!(message.len(), MOST_TEXT);
        assert_eq!(payload["stackTrace"], serde_json::json!(["in ***"]));
    }

    #[test]
    fn what_the_sandbox_ended_is_told_in_lambdas_words() {
        let cases = [
            (
                Outcome::TimedOut(Duration::from_secs(3)),
                "Sandbox.Timedout",
                "Task timed out after 3.00 seconds",
            ),
            (
                Outcome::Exited(0),
                "Runtime.ExitError",
                "Runtime exited without providing a reason",
            ),
            (
                Outcome::Exited(7),
                "Runtime.ExitError",
                "Runtime exited with error: exit status 7",
            ),
            (
                Outcome::Killed(11),
                "Runtime.ExitError",
                "Runtime exited with error: signal: segmentation fault",
            ),
            (
                Outcome::Killed(31),
                "Runtime.ExitError",
                "Runtime exited with error: signal: signal 31",
            ),
            (
                Outcome::OutOfMemory,
                "Runtime.OutOfMemory",
                "Runtime exited with error: signal: killed",
            ),
        ];

        for (outcome, error_type, what) in cases {
            assert_eq!(
                payload(&outcome),
                serde_json::json!({
                    "errorMessage": format!("RequestId: id-1 Error: {what}"),
                    "errorType": error_type,
                })
            );
        }
    }
}
