//! One history, run on every engine, is answered alike.

use crate::block_on;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use strongroom_services::Limits;
use testkit::{Engine, Harness, token};

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    Call(&'static str, Value),
    Advance(i64),
    Tick,
}

fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "c/d"])
}

fn label() -> impl Strategy<Value = &'static str> {
    select(vec!["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS", "BLUE"])
}

fn version() -> impl Strategy<Value = String> {
    (0..6_usize).prop_map(token)
}

fn value() -> impl Strategy<Value = &'static str> {
    select(vec!["x", "y"])
}

fn writing() -> impl Strategy<Value = Step> {
    let create = (name(), version(), value()).prop_map(|(name, version, value)| {
        let body = json!({ "Name": name, "ClientRequestToken": version, "SecretString": value });
        Step::Call("CreateSecret", body)
    });
    let stages = prop::option::of(prop::collection::vec(label(), 1..3));
    let put = (name(), version(), value(), stages).prop_map(|(id, version, value, stages)| {
        let body = json!({
            "SecretId": id, "ClientRequestToken": version, "SecretString": value,
            "VersionStages": stages,
        });
        Step::Call("PutSecretValue", body)
    });
    let update = (name(), version(), prop::option::of(value())).prop_map(|(id, version, value)| {
        let body = json!({
            "SecretId": id, "ClientRequestToken": version, "SecretString": value,
            "Description": value,
        });
        Step::Call("UpdateSecret", body)
    });
    let ends = (prop::option::of(version()), prop::option::of(version()));
    let stage = (name(), label(), ends).prop_map(|(id, label, (from, to))| {
        let body = json!({
            "SecretId": id, "VersionStage": label, "RemoveFromVersionId": from,
            "MoveToVersionId": to,
        });
        Step::Call("UpdateSecretVersionStage", body)
    });
    prop_oneof![3 => create, 4 => put, 2 => update, 4 => stage]
}

fn removing() -> impl Strategy<Value = Step> {
    let delete = (name(), prop::option::of(any::<bool>())).prop_map(|(id, force)| {
        let body = json!({ "SecretId": id, "ForceDeleteWithoutRecovery": force });
        Step::Call("DeleteSecret", body)
    });
    let restore = name().prop_map(|id| Step::Call("RestoreSecret", json!({ "SecretId": id })));
    prop_oneof![2 => delete, 2 => restore, 1 => Just(Step::Tick)]
}

fn tagging() -> impl Strategy<Value = Step> {
    let key = || select(vec!["k", "l", "aws:m"]);
    let tag = (name(), key(), value()).prop_map(|(id, key, value)| {
        let body = json!({ "SecretId": id, "Tags": [{ "Key": key, "Value": value }] });
        Step::Call("TagResource", body)
    });
    let untag = (name(), key()).prop_map(|(id, key)| {
        Step::Call("UntagResource", json!({ "SecretId": id, "TagKeys": [key] }))
    });
    prop_oneof![tag, untag]
}

fn reading() -> impl Strategy<Value = Step> {
    let get = (name(), prop::option::of(label())).prop_map(|(id, label)| {
        Step::Call(
            "GetSecretValue",
            json!({ "SecretId": id, "VersionStage": label }),
        )
    });
    let describe = name().prop_map(|id| Step::Call("DescribeSecret", json!({ "SecretId": id })));
    let sorts = vec![
        "created-date",
        "last-changed-date",
        "last-accessed-date",
        "name",
    ];
    let list = (select(sorts), any::<bool>()).prop_map(|(sort_by, deleted)| {
        let body = json!({ "SortBy": sort_by, "IncludePlannedDeletion": deleted });
        Step::Call("ListSecrets", body)
    });
    let batch = Just(Step::Call(
        "BatchGetSecretValue",
        json!({ "Filters": [{ "Key": "all", "Values": ["a", "b", "!z"] }] }),
    ));
    prop_oneof![3 => get, 1 => describe, 1 => list, 1 => batch]
}

fn step() -> impl Strategy<Value = Step> {
    let advance = select(vec![0, 1, 3_600, 86_400, 20 * 86_400]).prop_map(Step::Advance);
    prop_oneof![8 => writing(), 3 => removing(), 2 => tagging(), 4 => reading(), 2 => advance]
}

/// What the history is answered, and what is there in the end.
async fn run(engine: Engine, history: &[Step]) -> (Vec<(u16, String)>, Value) {
    let h = Harness::over(
        engine,
        Limits {
            secrets: 2,
            ..Limits::default()
        },
    )
    .await;
    let mut answers = Vec::new();
    for step in history {
        match step {
            Step::Call(operation, body) => {
                let reply = h.call(operation, body.clone()).await;
                answers.push((reply.status, reply.text));
            }
            Step::Advance(seconds) => h.clock.advance_seconds(*seconds),
            Step::Tick => h.app.tick().await.unwrap(),
        }
    }
    let everything = h.everything().await;
    (answers, everything)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_engine_answers_a_history_alike(history in prop::collection::vec(step(), 1..40)) {
        let (memory, sqlite) = block_on(async {
            (run(Engine::Memory, &history).await, run(Engine::Sqlite, &history).await)
        });

        for (position, (left, right)) in memory.0.iter().zip(&sqlite.0).enumerate() {
            prop_assert_eq!(left, right, "answer {}", position);
        }
        prop_assert_eq!(memory.1, sqlite.1);
    }

    #[test]
    fn no_history_ends_in_a_failure_of_ours(history in prop::collection::vec(step(), 1..60)) {
        let (answers, everything) = block_on(run(Engine::Memory, &history));

        for (status, text) in answers {
            prop_assert!(status < 500, "{}", text);
        }
        for one in everything.as_array().unwrap() {
            let versions = one["versions"].as_array().unwrap();
            let current = versions.iter().filter(|version| {
                let stages = version["VersionStages"].as_array();
                stages.is_some_and(|stages| stages.contains(&json!("AWSCURRENT")))
            });
            prop_assert_eq!(current.count(), 1);
        }
    }
}
