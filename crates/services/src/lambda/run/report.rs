//! What Lambda itself writes into the log of a run.

use crate::lambda::function_id::LATEST;
use crate::ports::{Executed, FunctionFailure, LogLine, TIMED_OUT};
use base::Timestamp;
use std::time::Duration;

/// The log stream of a run that began at `began`: each run has one of its own, as each is a process
/// of its own, also where a request is tried again. `id` is a UUID that nothing else has.
pub(super) fn stream(began: Timestamp, id: &str) -> String {
    let day = began.to_iso();
    let day = day.split('T').next().unwrap_or_default().replace('-', "/");
    let id: String = id.chars().filter(|c| *c != '-').collect();
    format!("{day}/[$LATEST]{id}")
}

/// What the lines around a log say of a run.
pub(super) struct Told<'a> {
    pub(super) request_id: &'a str,
    pub(super) memory_mib: u32,
    pub(super) began: Timestamp,
    pub(super) ended: Timestamp,
}

impl Told<'_> {
    /// The whole log: what the function wrote between the lines that begin and end it.
    pub(super) fn lines(&self, executed: &Executed) -> Vec<LogLine> {
        let id = self.request_id;
        let ended = |text| LogLine {
            at: self.ended,
            text,
        };
        let mut lines = vec![LogLine {
            at: self.began,
            text: format!("START RequestId: {id} Version: {LATEST}"),
        }];
        lines.extend(executed.log.iter().cloned());
        let failure = executed.outcome.as_ref().err();
        lines.extend(
            failure
                .and_then(|failure| self.complaint(failure))
                .map(ended),
        );
        lines.push(ended(format!("END RequestId: {id}")));
        lines.push(ended(self.report(executed)));
        lines
    }

    /// What Lambda itself writes about a function that did not get to say it.
    fn complaint(&self, failure: &FunctionFailure) -> Option<String> {
        let (id, FunctionFailure { kind, message }) = (self.request_id, failure);
        match kind.as_str() {
            TIMED_OUT => {
                let (iso, millis) = (self.ended.to_iso(), self.ended.as_millis());
                let (iso, millis) = (iso.trim_end_matches('Z'), millis.rem_euclid(1_000));
                let what = message.strip_prefix(&format!("RequestId: {id} Error: "));
                let what = what.unwrap_or(message);
                Some(format!("{iso}.{millis:03}Z {id} {what}"))
            }
            ENDED | OUT_OF_MEMORY => Some(format!("{message}\n{kind}")),
            _ => {
                let is_ours = OF_THE_SANDBOX.iter().any(|own| kind.starts_with(own));
                is_ours.then(|| format!("RequestId: {id} {kind}: {message}"))
            }
        }
    }

    fn report(&self, executed: &Executed) -> String {
        let used = executed.memory_used_mib;
        let used = used.map_or_else(String::new, |used| format!("Max Memory Used: {used} MB\t"));
        let init = executed.init_duration;
        let init = init.map_or_else(String::new, |init| {
            format!("Init Duration: {} ms\t", millis(init))
        });
        let kind = executed.outcome.as_ref().err();
        let status = match kind.map(|failure| failure.kind.as_str()) {
            Some(TIMED_OUT) => String::from("Status: timeout"),
            Some(kind @ (ENDED | OUT_OF_MEMORY)) => format!("Status: error\tError Type: {kind}"),
            _ => String::new(),
        };
        format!(
            "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t\
             {used}{init}{status}",
            self.request_id,
            millis(executed.duration),
            executed.duration.as_micros().div_ceil(1_000),
            self.memory_mib,
        )
    }
}

/// Milliseconds with two decimals.
fn millis(duration: Duration) -> String {
    let hundredths = duration.as_micros() / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// What Lambda calls a run whose process ended without an answer.
const ENDED: &str = "Runtime.ExitError";
const OUT_OF_MEMORY: &str = "Runtime.OutOfMemory";
/// How the kinds of failures begin that the function's own runtime does not write about.
const OF_THE_SANDBOX: [&str; 3] = ["Sandbox.", "Function.", "Runtime.InvalidEntrypoint"];

#[cfg(test)]
mod tests {
    use super::*;
    use base::Plaintext;

    fn texts(outcome: Result<&str, FunctionFailure>, init: Option<u64>) -> Vec<String> {
        let told = Told {
            request_id: "id-1",
            memory_mib: 128,
            began: Timestamp::from_millis(1_000),
            ended: Timestamp::from_millis(1_440_938_160_123),
        };
        let executed = Executed {
            outcome: outcome.map(|text| Plaintext::from(text.to_owned())),
            failure_payload: None,
            log: vec![LogLine {
                at: Timestamp::from_millis(2_000),
                text: String::from("written"),
            }],
            init_duration: init.map(Duration::from_millis),
            duration: Duration::from_micros(1_234),
            memory_used_mib: init.map(|_| 41),
        };

        let lines = told.lines(&executed);

        assert_eq!(lines[0].at, told.began);
        assert_eq!(lines[1], executed.log[0]);
        assert!(lines[2..].iter().all(|line| line.at == told.ended));
        lines.into_iter().map(|line| line.text).collect()
    }

    fn failed(kind: &str, message: &str) -> Vec<String> {
        let failure = FunctionFailure {
            kind: kind.to_owned(),
            message: message.to_owned(),
        };
        texts(Err(failure), None)
    }

    const REPORT: &str = "REPORT RequestId: id-1\tDuration: 1.23 ms\tBilled Duration: 2 ms\t\
        Memory Size: 128 MB\t";

    #[test]
    fn lambdas_lines_stand_around_what_was_written() {
        let whole = texts(Ok("null"), Some(94));

        let report = format!("{REPORT}Max Memory Used: 41 MB\tInit Duration: 94.00 ms\t");
        assert_eq!(
            whole,
            [
                "START RequestId: id-1 Version: $LATEST",
                "written",
                "END RequestId: id-1",
                &report,
            ]
        );
        assert_eq!(
            failed("ValueError", "no")[2..],
            ["END RequestId: id-1", REPORT]
        );
    }

    #[test]
    fn what_ended_the_function_is_written_for_it() {
        let late = FunctionFailure::timed_out("id-1", Duration::from_secs(3));
        let late = texts(Err(late), None);
        let ended = failed("Runtime.ExitError", "RequestId: id-1 Error: Runtime exited");
        let full = failed("Sandbox.StorageExceeded", "more than 5 bytes of storage");

        let said = "2015-08-30T12:36:00.123Z id-1 Task timed out after 3.00 seconds";
        let report = format!("{REPORT}Status: timeout");
        assert_eq!(late[2..], [said, "END RequestId: id-1", &report]);
        let said = "RequestId: id-1 Error: Runtime exited\nRuntime.ExitError";
        let report = format!("{REPORT}Status: error\tError Type: Runtime.ExitError");
        assert_eq!(ended[2..], [said, "END RequestId: id-1", &report]);
        let said = "RequestId: id-1 Sandbox.StorageExceeded: more than 5 bytes of storage";
        assert_eq!(full[2..], [said, "END RequestId: id-1", REPORT]);
    }

    #[test]
    fn a_stream_is_named_by_its_day_and_its_run() {
        let began = Timestamp::from_millis(1_768_478_400_000);

        let name = stream(began, "11111111-2222-4333-8444-555555555555");

        assert_eq!(name, "2026/01/15/[$LATEST]11111111222243338444555555555555");
    }

    #[test]
    fn durations_have_two_decimals() {
        assert_eq!(millis(Duration::from_micros(1_234_567)), "1234.56");
        assert_eq!(millis(Duration::from_micros(50)), "0.05");
    }
}
