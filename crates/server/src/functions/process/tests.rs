use super::*;
use crate::functions::fixtures::account;
use base::Timestamp;

const ID: &str = "11111111-2222-4333-8444-555555555555";

fn ran(outcome: runner::Outcome, lines: &[&str]) -> runner::Executed {
    runner::Executed {
        outcome,
        log: lines
            .iter()
            .map(|text| runner::LogLine {
                timestamp: Timestamp::from_millis(7),
                text: (*text).to_owned(),
            })
            .collect(),
        init_duration: Some(Duration::from_millis(90)),
        duration: Duration::from_millis(20),
        max_memory_bytes: (38 << 20) + 1,
    }
}

fn returned() -> runner::Outcome {
    runner::Outcome::Returned(Plaintext::from(String::from("{}")))
}

fn texts(executed: &Executed) -> Vec<&str> {
    executed.log.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn a_log_is_handed_on_whole() {
    let lines = ["hello", "world"];

    let executed = told(ran(returned(), &lines), ID);

    assert_eq!(texts(&executed), lines);
    assert!(executed.failure_payload.is_none());
    assert_eq!(executed.init_duration, Some(Duration::from_millis(90)));
    assert_eq!(executed.memory_used_mib, Some(39));
    assert!(executed.outcome.is_ok());
}

#[test]
fn a_late_function_fails_in_lambdas_words() {
    let late = runner::Outcome::TimedOut(Duration::from_secs(3));

    let executed = told(ran(late, &[]), ID);

    let message = format!("RequestId: {ID} Error: Task timed out after 3.00 seconds");
    let payload = executed.failure_payload.as_ref().unwrap();
    let payload: serde_json::Value = serde_json::from_slice(payload.expose()).unwrap();
    assert_eq!(
        payload,
        serde_json::json!({ "errorType": "Sandbox.Timedout", "errorMessage": message })
    );
    assert_eq!(
        executed.outcome.err(),
        Some(FunctionFailure {
            kind: String::from("Sandbox.Timedout"),
            message,
        })
    );
}

#[test]
fn a_failure_keeps_no_controls() {
    let failed = runner::Outcome::Failed {
        error_type: String::from("Value\u{1b}[1mError"),
        message: String::from("one\rtwo\u{1b}[2J"),
        trace: Vec::new(),
    };

    let executed = told(ran(failed, &[]), ID);

    assert_eq!(
        executed.outcome.err(),
        Some(FunctionFailure {
            kind: String::from("Value\u{fffd}[1mError"),
            message: String::from("one\ntwo\u{fffd}[2J"),
        })
    );
}

#[test]
fn a_run_whose_values_are_not_known_tells_nothing() {
    let failed = runner::Outcome::Failed {
        error_type: String::from("ValueError"),
        message: String::from("hunter2"),
        trace: vec![String::from("hunter2")],
    };
    let lines = ["hunter2", "hunter2"];

    let why = NotAllKnown::TooMany;
    let of_failure = withheld(told(ran(failed, &lines), ID), why);
    let of_success = withheld(told(ran(returned(), &lines), ID), why);

    let failure = of_failure.outcome.as_ref().err().unwrap();
    assert!(!failure.message.contains("hunter2") && failure.kind == "Withheld");
    assert!(of_failure.failure_payload.is_none());
    assert!(texts(&of_failure).concat().starts_with("withheld: "));
    assert!(texts(&of_success).concat().starts_with("withheld: "));
    assert_eq!(of_success.outcome.ok().unwrap().expose(), b"{}");
}

#[tokio::test]
async fn what_cannot_be_isolated_is_stored_and_does_not_run() {
    let unavailable = Unavailable(String::from("no Landlock"));
    let zip = |runtime: &str| Package::Zip {
        runtime: runtime.to_owned(),
    };
    let payload = Plaintext::from(String::from("{}"));

    let run = unavailable.run(crate::functions::fixtures::execution(&payload));

    assert_eq!(run.await.err().unwrap().to_string(), "no Landlock");
    assert_eq!(unavailable.interpreters(), Err(String::from("no Landlock")));
    assert_eq!(
        unavailable.accepts(&account("123456789012"), &zip("python3.9")),
        Ok(())
    );
    assert_eq!(
        unavailable.accepts(&account("123456789012"), &zip("java21")),
        Err(String::from("there is no runtime `java21` on this server"))
    );
}
