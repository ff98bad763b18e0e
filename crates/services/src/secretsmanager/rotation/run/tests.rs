use super::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) fn a_run(kind: RunKind) -> Run {
    Run::begin(Beginning {
        id: String::from("version"),
        rotation_token: RotationToken::of_tests("token"),
        kind,
        cause: Cause::Request,
        function: String::from("arn:f"),
        now: at(0),
        retry_until: None,
    })
}

#[test]
fn a_token_is_known_by_all_of_it() {
    let token = RotationToken::of_tests("token");
    let shown = |text: &str| token.is(&Plaintext::from(text.to_owned()));

    assert!(shown("token"));
    assert!(!shown("tokem") && !shown("toke") && !shown("token2") && !shown(""));
    assert_eq!(token, token.clone());
    assert_ne!(token, RotationToken::of_tests("tokem"));
}

#[test]
fn the_steps_follow_one_another() {
    let mut run = a_run(RunKind::Rotation);
    let mut names = vec![run.step.name()];
    while !run.is_at_last_step() {
        run.go_on();
        names.push(run.step.name());
    }

    assert_eq!(
        names,
        ["createSecret", "setSecret", "testSecret", "finishSecret"]
    );
    run.go_on();
    assert_eq!(run.step, Step::Finish);
}

#[test]
fn a_test_is_one_step() {
    let run = a_run(RunKind::Test);

    assert_eq!(run.step, Step::Test);
    assert!(run.is_at_last_step());
}

#[test]
fn what_failed_begins_anew_with_the_same_version() {
    let mut run = a_run(RunKind::Rotation);
    run.go_on();
    assert_eq!(
        run.error_message(),
        "Error when executing lambda arn:f during setSecret step"
    );

    run.start_over();

    assert_eq!((run.step, run.attempt), (Step::Create, 2));
    assert_eq!(run.id, "version");
}

#[test]
fn a_call_without_an_end_was_cut_off() {
    let mut run = a_run(RunKind::Rotation);
    run.call(at(1));
    run.call(at(5));
    run.returned(at(7), None, None);

    let ends: Vec<_> = run
        .calls
        .iter()
        .map(|call| (call.ended, call.failure.as_ref().map(|f| f.kind.as_str())))
        .collect();
    assert_eq!(
        ends,
        [(Some(at(5)), Some("Interrupted")), (Some(at(7)), None)]
    );
}

#[test]
fn a_call_is_completed_late_in_the_run_that_it_was_made_for_and_once() {
    let mut run = a_run(RunKind::Rotation);
    run.call(at(1));
    let called = run.clone();
    let mut again = run.clone();
    again.rotation_token = RotationToken::of_tests("another");
    again.end(at(2), Outcome::Cancelled);
    let late = |run: &mut Run, now| {
        let last = LastCall {
            log: None,
            failure: None,
        };
        run.returned_late(&called, at(now), last)
    };

    assert!(!late(&mut run, 3), "it is under way");
    assert!(!late(&mut again, 3), "it is another run of the version");
    run.end(at(2), Outcome::Cancelled);
    assert!(late(&mut run, 3));
    assert!(!late(&mut run, 4), "it is complete");

    assert_eq!(run.calls[0].ended, Some(at(3)));
    let end = run.end.unwrap();
    assert_eq!((end.at, end.outcome), (at(2), Outcome::Cancelled));
    assert_eq!(again.calls[0].ended, None);
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut run = a_run(RunKind::Rotation);
    for n in 0..200 {
        run.call(at(n));
        let failure = Failure {
            kind: String::from("E"),
            message: "ä".repeat(5_000),
        };
        run.returned(at(n), None, Some(failure));
    }

    assert_eq!(run.calls.len(), MOST_CALLS);
    assert_eq!(run.calls.last().unwrap().began, at(199));
    let failure = run.calls.last().unwrap().failure.as_ref().unwrap();
    assert_eq!(failure.message.chars().count(), MOST_TEXT);
}
