use super::*;
use crate::fixtures;
use crate::secretsmanager::model::tests::a_secret;
use crate::secretsmanager::rotation::run::{
    Beginning, Cause, Failure, LogPlace, Outcome, RotationToken, RunKind,
};
use store::Record as _;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn a_run(id: &str, kind: RunKind, cause: Cause) -> Run {
    Run::begin(Beginning {
        id: id.to_owned(),
        rotation_token: RotationToken::of_tests("01234567-89ab-cdef-0123-456789abcdef"),
        kind,
        cause,
        function: String::from("arn:aws:lambda:us-east-1:123456789012:function:rotate"),
        now: at(1_768_478_400_000),
        retry_until: Some(at(1_768_521_600_000)),
    })
}

/// With every member, and every variant of each.
fn rotations() -> Rotations {
    let mut rotations = Rotations::of(&a_secret("prod/db"));
    let outcomes = [
        Outcome::Succeeded,
        Outcome::Failed,
        Outcome::Abandoned,
        Outcome::Cancelled,
    ];
    for (n, outcome) in outcomes.into_iter().enumerate() {
        rotations.begin(a_run(
            &format!("version-{n}"),
            RunKind::Test,
            Cause::Request,
        ));
        let run = rotations.in_flight_mut().unwrap();
        run.end(at(1_768_478_500_000), outcome);
    }
    let mut run = a_run("version-9", RunKind::Rotation, Cause::Schedule);
    loop {
        run.call(at(1_768_478_400_001));
        if run.is_at_last_step() {
            break;
        }
        let log = LogPlace {
            request_id: String::from("request"),
            group: String::from("/aws/lambda/rotate"),
            stream: String::from("2026/01/15/[$LATEST]0"),
        };
        run.returned(at(1_768_478_400_002), Some(log), None);
        run.go_on();
    }
    let failure = Failure {
        kind: String::from("ValueError"),
        message: String::from("größe"),
    };
    run.returned(at(1_768_478_400_003), None, Some(failure));
    rotations.begin(run);
    rotations.wanted = true;
    rotations.failed_until = Some(at(1_768_478_600_000));
    rotations.job.nudge(at(1_768_478_400_005));
    rotations
        .job
        .claim("node-1", at(1_768_478_400_010), 20_000)
        .unwrap();
    rotations
}

#[test]
fn every_version_is_read() {
    fixtures::assert_reads(1, &rotations());
}

#[test]
#[ignore = "writes the fixtures of a new version; run once for each"]
fn write_fixtures() {
    fixtures::write(&rotations());
}

#[test]
fn rotations_survive_being_stored() {
    fixtures::assert_survives(&rotations());
    fixtures::assert_survives(&Rotations::of(&a_secret("db")));
}

#[test]
fn they_are_found_by_their_secret_and_when_they_are_to_be_looked_at() {
    let rotations = rotations();
    let secret = a_secret("prod/db");

    assert_eq!(rotations.key(), Rotations::key_of(&secret));
    assert_eq!(rotations.secret_key(), secret.key());
    assert_eq!(rotations.columns(), [Value::Int(1_768_478_420_010)]);
    assert_eq!(Rotations::of(&secret).columns(), [Value::Null]);
}

#[test]
fn the_last_runs_are_remembered() {
    let mut rotations = Rotations::of(&a_secret("db"));
    for n in 0..25 {
        rotations.begin(a_run(&n.to_string(), RunKind::Rotation, Cause::Request));
        let run = rotations.in_flight_mut().unwrap();
        run.end(at(n), Outcome::Failed);
    }

    assert_eq!(rotations.past.len(), MOST_PAST);
    assert_eq!(rotations.past[0].id, "15");
    assert_eq!(rotations.run.unwrap().id, "24");
}
