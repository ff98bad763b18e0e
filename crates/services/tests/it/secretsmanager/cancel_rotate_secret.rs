use super::rotation::kit::{FUNCTION, Rig};
use super::{DELETED, NOON, NOT_FOUND};
use serde_json::json;
use testkit::{Reply, token};

async fn cancel(rig: &Rig) -> Reply {
    let body = json!({ "SecretId": "db" });
    rig.h.call("CancelRotateSecret", body).await
}

#[tokio::test]
async fn cancelling_keeps_the_configuration_and_ends_the_schedule() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    let more = json!({ "RotationRules": { "AutomaticallyAfterDays": 3 } });
    rig.rotate_with(1, more).await.ok();
    rig.work().await;

    let cancelled = cancel(&rig).await.ok();

    assert_eq!(cancelled, json!({ "ARN": arn, "Name": "db" }));
    let described = rig.describe("db").await;
    assert_eq!(described["RotationEnabled"], false);
    assert_eq!(described["RotationLambdaARN"], FUNCTION);
    assert_eq!(
        described["RotationRules"],
        json!({ "AutomaticallyAfterDays": 3 })
    );
    assert_eq!(described["LastRotatedDate"], NOON);
    assert!(described.get("NextRotationDate").is_none());
    rig.h.clock.advance_days(30);
    assert_eq!(rig.work().await, 0);
    assert_eq!(rig.events(), ["RotationStarted", "RotationSucceeded"]);
}

#[tokio::test]
async fn cancelling_a_rotation_under_way_names_its_version_and_leaves_it() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();

    let cancelled = cancel(&rig).await.ok();

    assert_eq!(
        cancelled,
        json!({ "ARN": arn, "Name": "db", "VersionId": token(1) })
    );
    rig.work().await;
    assert_eq!(rig.rotator.steps(), Vec::<String>::new());
    assert_eq!(
        rig.labels().await,
        json!({ token(0): ["AWSCURRENT"], token(1): ["AWSPENDING"] })
    );
}

#[tokio::test]
async fn cancelling_twice_changes_nothing_more() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();
    cancel(&rig).await.ok();
    rig.h.clock.advance_seconds(100);
    let before = rig.h.everything().await;

    let again = cancel(&rig).await.ok();

    assert_eq!(again.get("VersionId"), None);
    assert_eq!(rig.h.everything().await, before);
}

#[tokio::test]
async fn what_was_cancelled_can_be_rotated_again() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let more = json!({ "RotationRules": { "AutomaticallyAfterDays": 3 } });
    rig.rotate_with(1, more).await.ok();
    rig.work().await;
    cancel(&rig).await.ok();

    rig.rotate_with(2, json!({ "RotationLambdaARN": null }))
        .await
        .ok();
    rig.work().await;

    let described = rig.describe("db").await;
    assert_eq!(described["RotationEnabled"], true);
    assert_eq!(
        described["RotationRules"],
        json!({ "AutomaticallyAfterDays": 3 })
    );
    assert!(described["NextRotationDate"].is_number());
    assert_eq!(
        rig.labels().await[token(2)],
        json!(["AWSCURRENT", "AWSPENDING"])
    );
}

#[tokio::test]
async fn what_was_never_configured_has_nothing_to_cancel() {
    let rig = Rig::new().await;
    rig.h.a_secret("db", "old").await;
    let before = rig.h.everything().await;

    let text = "No Lambda rotation function ARN is associated with this secret.";
    cancel(&rig).await.refused("InvalidRequestException", text);

    assert_eq!(rig.h.everything().await, before);
}

#[tokio::test]
async fn what_is_missing_or_deleted_is_not_cancelled() {
    let rig = Rig::new().await;
    cancel(&rig)
        .await
        .refused("ResourceNotFoundException", NOT_FOUND);
    rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();
    rig.work().await;
    let body = json!({ "SecretId": "db" });
    rig.h.call("DeleteSecret", body).await.ok();

    cancel(&rig)
        .await
        .refused("InvalidRequestException", DELETED);

    assert_eq!(rig.describe("db").await["RotationEnabled"], true);
}

#[tokio::test]
async fn a_caller_without_leave_cancels_nothing() {
    let rig = Rig::new().await;
    let arn = rig.h.a_secret("db", "old").await;
    rig.rotate(1).await.ok();
    let nobody = rig.h.a_user("nobody", None).await;
    let before = rig.h.everything().await;

    let body = json!({ "SecretId": "db" });
    let reply = rig.h.call_as(&nobody, "CancelRotateSecret", body).await;

    let text = format!(
        "User: arn:aws:iam::123456789012:user/nobody is not authorized to perform: \
         secretsmanager:CancelRotateSecret on resource: {arn} because no identity-based policy \
         allows the secretsmanager:CancelRotateSecret action"
    );
    reply.refused("AccessDeniedException", &text);
    assert_eq!(rig.h.everything().await, before);
    assert_eq!(
        rig.h.audit.named("CancelRotateSecret")[0]["errorCode"],
        "AccessDeniedException"
    );
    assert_eq!(rig.labels().await[token(1)], json!(["AWSPENDING"]));
}
