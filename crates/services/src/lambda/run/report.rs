//! What Lambda itself writes into the log of a run.

use super::Call;
use crate::ports::{Executed, FunctionFailure, LogLine};
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

/// The whole log: what the function wrote between the lines that begin and end it.
pub(super) fn lines(
    call: &Call<'_>,
    executed: &Executed,
    began: Timestamp,
    ended: Timestamp,
) -> Vec<LogLine> {
    if executed.has_report {
        return executed.log.clone();
    }
    let id = call.request_id;
    let line = |at, text| LogLine { at, text };
    let mut lines = vec![line(
        began,
        format!("START RequestId: {id} Version: $LATEST"),
    )];
    lines.extend(executed.log.iter().cloned());
    if let Err(failure) = &executed.outcome
        && failure.kind == TIMED_OUT
    {
        let seconds = call.function.timeout_seconds;
        let text = format!(
            "{} {id} Task timed out after {seconds}.00 seconds",
            ended.to_iso()
        );
        lines.push(line(ended, text));
    }
    lines.push(line(ended, format!("END RequestId: {id}")));
    lines.push(line(ended, report(call, executed)));
    lines
}

/// The failure of a function that did not end in time.
pub(super) fn timed_out(call: &Call<'_>) -> FunctionFailure {
    let id = call.request_id;
    let seconds = call.function.timeout_seconds;
    FunctionFailure {
        kind: TIMED_OUT.to_owned(),
        message: format!("RequestId: {id} Error: Task timed out after {seconds}.00 seconds"),
    }
}

fn report(call: &Call<'_>, executed: &Executed) -> String {
    let memory = call.function.memory_mib;
    let used = executed.memory_used_mib;
    let used = used.map_or_else(String::new, |used| format!("Max Memory Used: {used} MB\t"));
    let init = executed.init_duration;
    let init = init.map_or_else(String::new, |init| {
        format!("Init Duration: {} ms\t", millis(init))
    });
    format!(
        "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {memory} MB\t\
         {used}{init}",
        call.request_id,
        millis(executed.duration),
        executed.duration.as_micros().div_ceil(1_000),
    )
}

/// Milliseconds with two decimals.
fn millis(duration: Duration) -> String {
    let hundredths = duration.as_micros() / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// What Lambda calls a run that did not end in time.
const TIMED_OUT: &str = "Sandbox.Timedout";

#[cfg(test)]
mod tests {
    use super::*;

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
