use super::*;
use base::Plaintext;

fn told() -> Told {
    Told {
        request_id: String::from("id-1"),
        version: String::from("$LATEST"),
        memory_mib: 128,
        began: Timestamp::from_millis(1_000),
    }
}

fn finished(outcome: Outcome, init: Option<u64>) -> Executed {
    let attempted = Attempted {
        outcome,
        init_duration: init.map(Duration::from_millis),
        duration: Duration::from_micros(1_234),
        max_memory_bytes: (40 << 20) + 1,
    };
    let line = LogLine {
        timestamp: Timestamp::from_millis(2_000),
        text: String::from("written"),
    };
    let scrubber = Scrubber::new(&[Plaintext::from(String::from("hunter22"))]);
    let now = Timestamp::from_millis(1_440_938_160_123);
    told().finish(attempted, vec![line], &scrubber, now)
}

fn texts(executed: &Executed) -> Vec<&str> {
    executed.log.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn lambdas_lines_stand_around_what_was_written() {
    let executed = finished(Outcome::Returned(Plaintext::new(Vec::new())), Some(94));

    assert_eq!(
        texts(&executed),
        [
            "START RequestId: id-1 Version: $LATEST",
            "written",
            "END RequestId: id-1",
            "REPORT RequestId: id-1\tDuration: 1.23 ms\tBilled Duration: 2 ms\t\
             Memory Size: 128 MB\tMax Memory Used: 41 MB\tInit Duration: 94.00 ms\t",
        ]
    );
    assert_eq!(executed.log[0].timestamp, Timestamp::from_millis(1_000));
}

#[test]
fn what_ended_the_function_is_written_for_it() {
    let timed_out = finished(Outcome::TimedOut(Duration::from_secs(3)), None);
    let killed = finished(Outcome::Killed(9), None);

    assert_eq!(
        texts(&timed_out)[2],
        "2015-08-30T12:36:00.123Z id-1 Task timed out after 3.00 seconds"
    );
    assert!(texts(&timed_out)[4].ends_with("\tStatus: timeout"));
    assert_eq!(
        texts(&killed)[2],
        "RequestId: id-1 Error: Runtime exited with error: signal: killed\nRuntime.ExitError"
    );
    assert!(texts(&killed)[4].ends_with("\tStatus: error\tError Type: Runtime.ExitError"));
}

#[test]
fn errors_are_scrubbed_and_bounded() {
    let executed = finished(
        Outcome::Failed {
            error_type: String::from("hunter22Error"),
            message: format!("hunter22 {}", "x".repeat(100_000)),
            trace: vec![String::from("in hunter22")],
        },
        None,
    );

    let Outcome::Failed {
        error_type,
        message,
        trace,
    } = executed.outcome
    else {
        panic!("it failed");
    };
    assert_eq!(error_type, "***Error");
    assert!(message.starts_with("*** x"));
    assert_eq!(message.len(), MOST_TEXT);
    assert_eq!(trace, ["in ***"]);
}
