//! Many callers at once.

use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::Limits;
use testkit::{Engine, Harness, Reply, token};
use tokio::task::JoinSet;

const ENGINES: [Engine; 2] = [Engine::Memory, Engine::Sqlite];

/// Sends all at once, and gives the answers.
async fn at_once(h: &Arc<Harness>, calls: Vec<(&'static str, Value)>) -> Vec<Reply> {
    let mut tasks = JoinSet::new();
    for (operation, body) in calls {
        let h = Arc::clone(h);
        tasks.spawn(async move { h.call(operation, body).await });
    }
    tasks.join_all().await
}

async fn over(engine: Engine, limits: Limits) -> Arc<Harness> {
    Arc::new(Harness::over(engine, limits).await)
}

fn secrets(secrets: i64) -> Limits {
    Limits {
        secrets,
        ..Limits::default()
    }
}

fn created(replies: &[Reply]) -> usize {
    replies.iter().filter(|reply| reply.status == 200).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_acknowledged_version_is_lost_and_one_is_current() {
    for engine in ENGINES {
        let h = over(engine, Limits::default()).await;
        h.a_secret("db", "value 0").await;
        let put = |n| {
            let body = json!({
                "SecretId": "db", "SecretString": format!("value {n}"),
                "ClientRequestToken": token(n),
            });
            ("PutSecretValue", body)
        };

        let replies = at_once(&h, (1..=60).map(put).collect()).await;

        assert_eq!(created(&replies), 60);
        let all = h.everything().await;
        let versions = all[0]["versions"].as_array().unwrap();
        assert_eq!(versions.len(), 61);
        for label in ["AWSCURRENT", "AWSPREVIOUS"] {
            let holders = versions
                .iter()
                .filter(|version| version["VersionStages"] == json!([label]));
            assert_eq!(holders.count(), 1, "{label}");
        }
        for n in 0..=60 {
            let body = json!({ "SecretId": "db", "VersionId": token(n) });
            let read = h.call("GetSecretValue", body).await.ok();
            assert_eq!(read["SecretString"], format!("value {n}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_creators_of_one_name_one_wins() {
    for engine in ENGINES {
        let h = over(engine, Limits::default()).await;
        let create = |n| {
            let body = json!({
                "Name": "db", "SecretString": format!("value {n}"), "ClientRequestToken": token(n),
            });
            ("CreateSecret", body)
        };

        let replies = at_once(&h, (0..40).map(create).collect()).await;

        assert_eq!(created(&replies), 1);
        for lost in replies.iter().filter(|reply| reply.status != 200) {
            let text = "The operation failed because the secret db already exists.";
            lost.refused("ResourceExistsException", text);
        }
        let winner = replies
            .iter()
            .find(|reply| reply.status == 200)
            .unwrap()
            .ok();
        let read = h
            .call("GetSecretValue", json!({ "SecretId": "db" }))
            .await
            .ok();
        assert_eq!(read["ARN"], winner["ARN"]);
        assert_eq!(read["VersionId"], winner["VersionId"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn repetitions_that_overtake_each_other_are_one_creation() {
    for engine in ENGINES {
        let h = over(engine, Limits::default()).await;
        let body = json!({ "Name": "db", "SecretString": "x", "ClientRequestToken": token(0) });

        let replies = at_once(&h, vec![("CreateSecret", body); 20]).await;

        let first = replies[0].ok();
        assert!(replies.iter().all(|reply| reply.ok() == first));
        assert_eq!(h.everything().await.as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_first_secrets_of_an_account_share_one_key() {
    for engine in ENGINES {
        let h = over(engine, Limits::default()).await;
        let create = |n| {
            let body = json!({
                "Name": format!("db{n}"), "SecretString": "x", "ClientRequestToken": token(n),
            });
            ("CreateSecret", body)
        };

        let replies = at_once(&h, (0..20).map(create).collect()).await;

        assert_eq!(created(&replies), 20);
        assert_eq!(h.audit.named("CreateKey").len(), 1);
        for n in 0..20 {
            assert_eq!(h.value(&format!("db{n}")).await, "x");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_quota_of_secrets_holds_against_a_crowd() {
    for engine in ENGINES {
        let h = over(engine, secrets(5)).await;
        let create = |n| {
            let body = json!({
                "Name": format!("db{n}"), "SecretString": "x", "ClientRequestToken": token(n),
            });
            ("CreateSecret", body)
        };

        let replies = at_once(&h, (0..30).map(create).collect()).await;

        assert_eq!(created(&replies), 5);
        assert_eq!(h.everything().await.as_array().map(Vec::len), Some(5));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_readers_of_the_day_all_read() {
    for engine in ENGINES {
        let h = over(engine, Limits::default()).await;
        h.a_secret("db", "hunter2").await;

        let replies = at_once(
            &h,
            vec![("GetSecretValue", json!({ "SecretId": "db" })); 40],
        )
        .await;

        for reply in &replies {
            assert_eq!(reply.ok()["SecretString"], "hunter2");
            assert_eq!(h.audit.events_of(&reply.request_id).len(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_label_moved_by_many_ends_on_one_version() {
    for engine in ENGINES {
        let h = over(engine, Limits::default()).await;
        h.a_secret("db", "0").await;
        for n in 1..6 {
            h.put("db", n, "x", json!([format!("V{n}")])).await;
        }
        h.put("db", 6, "x", json!(["BLUE"])).await;
        let steal = |n| {
            let body = json!({
                "SecretId": "db", "VersionStage": "BLUE", "RemoveFromVersionId": token(6),
                "MoveToVersionId": token(n),
            });
            ("UpdateSecretVersionStage", body)
        };

        let replies = at_once(&h, (1..6).map(steal).collect()).await;

        assert_eq!(created(&replies), 1);
        assert_eq!(h.stages("db").await.matches("BLUE").count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_and_a_deletion_leave_all_or_nothing() {
    for engine in ENGINES {
        let h = over(engine, secrets(1)).await;
        h.a_secret("db", "0").await;
        let put = |n| {
            let body = json!({
                "SecretId": "db", "SecretString": "x", "ClientRequestToken": token(n),
            });
            ("PutSecretValue", body)
        };
        let mut calls: Vec<_> = (1..=20).map(put).collect();
        let force = json!({ "SecretId": "db", "ForceDeleteWithoutRecovery": true });
        calls.insert(10, ("DeleteSecret", force));

        let replies = at_once(&h, calls).await;

        for reply in replies.iter().filter(|reply| reply.status != 200) {
            reply.refused(
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret.",
            );
        }
        assert_eq!(h.everything().await, json!([]));
        // Values that were left behind would be in the way, and so would a counter.
        h.a_secret("db", "again").await;
        for n in 1..=20 {
            h.put("db", n, "again", Value::Null).await;
        }
    }
}
