use super::*;
use crate::secretsmanager::model::Deletion;
use crate::secretsmanager::model::tests::a_secret;
use crate::secretsmanager::rotation::run::{Beginning, RotationToken};
use crate::secretsmanager::rotation::tests::a_rotation;

fn noon() -> Timestamp {
    Timestamp::from_millis(1_768_478_400_000)
}

/// A secret that is rotated, with a current version.
fn rotated() -> Secret {
    let mut secret = a_secret("db");
    secret.rotation = Some(a_rotation("cron(0 8 * * ? *)"));
    secret
        .versions
        .add("old", &[AWSCURRENT.to_owned()], 20)
        .unwrap();
    secret
}

fn a_run(kind: RunKind) -> Run {
    Run::begin(Beginning {
        id: String::from("new"),
        rotation_token: RotationToken::of_tests("token"),
        kind,
        cause: Cause::Schedule,
        function: String::from("arn:f"),
        now: noon(),
        retry_until: None,
    })
}

/// Rotations that a worker has claimed.
fn claimed(run: Option<Run>) -> (Rotations, Claim) {
    let mut rotations = Rotations::of(&rotated());
    rotations.run = run;
    rotations.job.nudge(noon());
    let claim = rotations.job.claim("w", noon(), 1_000).unwrap();
    (rotations, claim)
}

#[test]
fn a_worker_without_its_claim_leaves_everything() {
    let (mut rotations, claim) = claimed(Some(a_run(RunKind::Rotation)));
    rotations
        .job
        .claim("other", noon().plus_days(1), 1_000)
        .unwrap();
    let secret = rotated();

    let next = decide(&rotations, Some(&secret), &claim, noon());

    assert_eq!(next, Next::Leave);
}

#[test]
fn a_run_goes_on_while_its_version_has_a_label_of_it() {
    let run = a_run(RunKind::Rotation);
    let (rotations, claim) = claimed(Some(run.clone()));
    let bare = rotated();
    let mut pending = bare.clone();
    pending.versions.prepare("new", 20).unwrap();
    let mut current = pending.clone();
    let label = [AWSCURRENT.to_owned()];
    current.versions.add("new", &label, 20).unwrap();
    let mut overtaken = current.clone();
    overtaken.versions.add("else", &label, 20).unwrap();
    let goes_on = |secret| match decide(&rotations, Some(secret), &claim, noon()) {
        Next::Call(called) => {
            assert_eq!(called, secret);
            true
        }
        next => {
            assert_eq!(next, Next::Abandon(&run));
            false
        }
    };

    assert_eq!(
        [&bare, &pending, &current, &overtaken].map(goes_on),
        [false, true, true, false]
    );
}

#[test]
fn what_is_off_deleted_or_gone_is_not_rotated() {
    let mut off = rotated();
    off.rotation.as_mut().unwrap().enabled = false;
    let mut deleted = rotated();
    deleted.deletion = Some(Deletion {
        requested: noon(),
        due: noon().plus_days(7),
    });
    let (running, claim) = claimed(Some(a_run(RunKind::Rotation)));
    let (resting, own) = claimed(None);

    for secret in [None, Some(&off), Some(&deleted), Some(&a_secret("db"))] {
        assert_eq!(decide(&running, secret, &claim, noon()), Next::Cancel);
        assert_eq!(decide(&resting, secret, &own, noon()), Next::Rest(None));
    }
}

#[test]
fn the_schedule_begins_a_rotation_at_the_moment_of_its_window() {
    let (mut rotations, claim) = claimed(None);
    let secret = rotated();
    let moment = rotations.next_moment(&secret, noon()).unwrap();
    let decided = |now| decide(&rotations, Some(&secret), &claim, now);

    assert_eq!(decided(noon()), Next::Rest(Some(moment)));
    assert_eq!(decided(moment.plus_millis(-1)), Next::Rest(Some(moment)));
    assert_eq!(decided(moment), Next::Begin(Cause::Schedule));
    rotations.wanted = true;
    let next = decide(&rotations, Some(&secret), &claim, noon());
    assert_eq!(next, Next::Begin(Cause::Request));
}

#[test]
fn a_test_is_not_tried_again_and_a_rotation_so_often_and_so_long() {
    let settings = RotationSettings::default();
    let later = noon().plus_seconds(60);
    let mut run = a_run(RunKind::Rotation);

    assert!(may_try_again(&run, later, &settings));
    assert!(!may_try_again(&a_run(RunKind::Test), later, &settings));
    run.retry_until = Some(later);
    assert!(!may_try_again(&run, later, &settings));
    assert!(may_try_again(&run, noon(), &settings));
    run.attempt = settings.attempts;
    assert!(!may_try_again(&run, noon(), &settings));
}

#[test]
fn the_function_is_given_four_members() {
    let run = Run {
        id: String::from("quote\"d"),
        ..a_run(RunKind::Rotation)
    };

    let given = payload(&run, "arn:s").unwrap();

    let read: serde_json::Value = serde_json::from_slice(given.expose()).unwrap();
    assert_eq!(
        read,
        serde_json::json!({
            "Step": "createSecret",
            "SecretId": "arn:s",
            "ClientRequestToken": "quote\"d",
            "RotationToken": "token",
        })
    );
}
