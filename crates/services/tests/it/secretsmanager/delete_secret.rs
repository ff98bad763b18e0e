use super::{DAY, DELETED_BEFORE, NOON, NOT_FOUND};
use serde_json::{Value, json};
use testkit::{Harness, token, with};

async fn delete(h: &Harness, more: Value) -> testkit::Reply {
    h.call("DeleteSecret", with(json!({ "SecretId": "db" }), more))
        .await
}

const RANGE: &str = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
const BOTH: &str =
    "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";

#[tokio::test]
async fn a_deletion_is_due_in_thirty_days_or_as_told() {
    let windows = [
        (json!({}), 30),
        (json!({ "ForceDeleteWithoutRecovery": false }), 30),
        (json!({ "RecoveryWindowInDays": 7 }), 7),
        (
            json!({ "RecoveryWindowInDays": 30, "ForceDeleteWithoutRecovery": false }),
            30,
        ),
    ];
    for (body, days) in windows {
        let h = Harness::new().await;
        let arn = h.a_secret("db", "x").await;
        h.clock.advance_seconds(1);

        let answer = delete(&h, body).await.ok();

        let due = NOON + 1 + days * DAY;
        assert_eq!(
            answer,
            json!({ "ARN": arn, "Name": "db", "DeletionDate": due })
        );
        let described = h.describe("db").await;
        assert_eq!(described["DeletedDate"], NOON + 1);
        assert_eq!(described["LastChangedDate"], NOON);
        assert_eq!(
            described["VersionIdsToStages"],
            json!({ token(0): ["AWSCURRENT"] })
        );
    }
}

#[tokio::test]
async fn a_forced_deletion_is_done_at_once() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    h.put("db", 1, "y", Value::Null).await;

    let answer = delete(&h, json!({ "ForceDeleteWithoutRecovery": true }))
        .await
        .ok();

    assert_eq!(
        answer,
        json!({ "ARN": arn, "Name": "db", "DeletionDate": NOON })
    );
    assert_eq!(h.everything().await, json!([]));
    let gone = h.call("DescribeSecret", json!({ "SecretId": arn })).await;
    gone.refused("ResourceNotFoundException", NOT_FOUND);
}

#[tokio::test]
async fn a_name_is_free_after_a_forced_deletion_and_the_new_secret_is_another() {
    let h = Harness::new().await;
    let old = h.a_secret("db", "old value").await;
    delete(&h, json!({ "ForceDeleteWithoutRecovery": true }))
        .await
        .ok();

    let new = h.a_secret("db", "new value").await;

    assert_ne!(new, old);
    assert_eq!(h.value("db").await, "new value");
    let by_old_arn = h.call("GetSecretValue", json!({ "SecretId": old })).await;
    by_old_arn.refused("ResourceNotFoundException", NOT_FOUND);
}

#[tokio::test]
async fn what_is_scheduled_can_be_forced_but_not_scheduled_again() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    delete(&h, json!({})).await.ok();
    let before = h.everything().await;

    let again = delete(&h, json!({ "RecoveryWindowInDays": 7 })).await;
    again.refused("InvalidRequestException", DELETED_BEFORE);
    assert_eq!(h.everything().await, before);
    delete(&h, json!({ "ForceDeleteWithoutRecovery": true }))
        .await
        .ok();

    assert_eq!(h.everything().await, json!([]));
}

#[tokio::test]
async fn forcing_away_what_does_not_exist_succeeds() {
    let h = Harness::new().await;
    let force = json!({ "ForceDeleteWithoutRecovery": true });
    let prefix = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db";
    let complete = format!("{prefix}-AbCdEf");

    let by_name = delete(&h, force.clone()).await.ok();
    let by_partial = delete(&h, with(force.clone(), json!({ "SecretId": prefix })))
        .await
        .ok();
    let by_arn = delete(&h, with(force, json!({ "SecretId": complete })))
        .await
        .ok();

    for answer in [&by_name, &by_partial, &by_arn] {
        let arn = answer["ARN"].as_str().unwrap();
        assert!(
            arn.starts_with(&format!("{prefix}-")) && arn.len() == complete.len(),
            "{arn}"
        );
        assert_eq!(
            *answer,
            json!({ "ARN": arn, "Name": "db", "DeletionDate": NOON })
        );
    }
    assert_eq!(by_arn["ARN"], complete);
    assert_eq!(h.everything().await, json!([]));
}

#[tokio::test]
async fn each_wrong_request_is_refused_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let before = h.everything().await;
    let force = json!({ "ForceDeleteWithoutRecovery": true });

    for days in [i64::MIN, -1, 0, 6, 31, i64::MAX] {
        for id in ["db", "missing"] {
            let body = json!({ "SecretId": id, "RecoveryWindowInDays": days });
            delete(&h, body.clone())
                .await
                .refused("InvalidParameterException", RANGE);
            let forced = delete(&h, with(body, force.clone())).await;
            forced.refused("InvalidParameterException", RANGE);
        }
    }
    let both = with(force, json!({ "RecoveryWindowInDays": 7 }));
    delete(&h, both)
        .await
        .refused("InvalidParameterException", BOTH);
    let missing = delete(&h, json!({ "SecretId": "missing" })).await;
    missing.refused("ResourceNotFoundException", NOT_FOUND);

    assert_eq!(h.everything().await, before);
    assert_eq!(h.value("db").await, "x");
}

#[tokio::test]
async fn a_scheduled_deletion_is_recorded_for_each_version() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    h.put("db", 1, "y", Value::Null).await;

    let reply = delete(&h, json!({ "RecoveryWindowInDays": 7 })).await;

    let events = h.audit.events_of(&reply.request_id);
    assert_eq!(
        names(&events),
        [
            "DeleteSecret",
            "StartSecretVersionDelete",
            "StartSecretVersionDelete"
        ]
    );
    assert_eq!(
        events[0]["requestParameters"],
        json!({ "secretId": "db", "recoveryWindowInDays": 7 })
    );
    assert_eq!(
        events[0]["responseElements"],
        json!({ "name": "db", "deletionDate": "Jan 22, 2026 12:00:00 PM", "arn": arn })
    );
    for (n, event) in events[1..].iter().enumerate() {
        let expected = json!({
            "eventVersion": "1.08",
            "userIdentity": {
                "accountId": "123456789012", "invokedBy": "secretsmanager.amazonaws.com",
            },
            "eventTime": "2026-01-15T12:00:00Z",
            "eventSource": "secretsmanager.amazonaws.com",
            "eventName": "StartSecretVersionDelete",
            "awsRegion": "us-east-1",
            "sourceIPAddress": "secretsmanager.amazonaws.com",
            "userAgent": "secretsmanager.amazonaws.com",
            "requestParameters": null,
            "responseElements": null,
            "additionalEventData": { "SecretId": arn, "SecretVersionId": token(n) },
            "requestID": reply.request_id,
            "eventID": event["eventID"],
            "readOnly": false,
            "eventType": "AwsServiceEvent",
            "managementEvent": true,
            "recipientAccountId": "123456789012",
            "eventCategory": "Management",
        });
        assert_eq!(*event, expected);
    }
}

#[tokio::test]
async fn a_forced_deletion_is_recorded_from_start_to_end() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    h.a_secret("scheduled", "x").await;
    delete(&h, json!({ "SecretId": "scheduled" })).await.ok();
    let force = json!({ "ForceDeleteWithoutRecovery": true });

    let fresh = delete(&h, force.clone()).await;
    let scheduled = delete(&h, with(force.clone(), json!({ "SecretId": "scheduled" }))).await;
    let missing = delete(&h, force).await;

    let fresh = h.audit.events_of(&fresh.request_id);
    assert_eq!(
        names(&fresh),
        [
            "DeleteSecret",
            "StartSecretVersionDelete",
            "EndSecretVersionDelete"
        ]
    );
    let detail = json!({ "SecretId": arn, "SecretVersionId": token(0) });
    assert_eq!(fresh[2]["additionalEventData"], detail);
    let scheduled = h.audit.events_of(&scheduled.request_id);
    assert_eq!(
        names(&scheduled),
        ["DeleteSecret", "EndSecretVersionDelete"]
    );
    assert_eq!(
        names(&h.audit.events_of(&missing.request_id)),
        ["DeleteSecret"]
    );
}

fn names(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["eventName"].as_str().unwrap())
        .collect()
}
