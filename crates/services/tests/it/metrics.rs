//! What is counted while requests are answered, and that it names nothing of theirs.

use base::{AccountId, RegionName};
use serde_json::json;
use std::num::NonZeroU32;
use strongroom_services::{
    AccountQuotas, Counts, DueWork, Quotas, Rate, Rates, RequestCounts, SUCCESS, SecretCount,
};
use testkit::{Harness, token};

fn of<'a>(counts: &'a Counts, operation: &str) -> Option<&'a RequestCounts> {
    let mut all = counts.requests.iter();
    all.find(|counts| counts.operation == operation)
}

#[tokio::test]
async fn answers_are_counted_by_operation_and_code() {
    let h = Harness::new().await;
    h.a_secret("db", "s").await;
    h.call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();
    h.call("GetSecretValue", json!({ "SecretId": "nothing" }))
        .await;
    let unknown = h.root.signed("NoSuchOperation", &json!({}), h.now());
    h.send(unknown).await;
    h.iam("ListUsers", &[]).await.xml_ok();

    let counts = h.app.counts();

    let read = of(&counts, "GetSecretValue").unwrap();
    assert_eq!(read.service, "secretsmanager");
    assert_eq!(read.codes, [("ResourceNotFoundException", 1), (SUCCESS, 1)]);
    assert_eq!(of(&counts, "ListUsers").unwrap().service, "iam");
    assert_eq!(
        of(&counts, "Unknown").unwrap().codes,
        [("UnknownOperationException", 1)]
    );
    assert_eq!((counts.under_way, counts.abandoned), (0, 0));
}

#[tokio::test]
async fn calls_beyond_a_rate_are_counted_as_throttled() {
    let mut rates = Rates::unlimited();
    let rate = Rate::with_a_second_of_burst(NonZeroU32::MIN);
    rates.set("secretsmanager:ListSecrets", Some(rate)).unwrap();
    let quotas = Quotas::new(AccountQuotas {
        rates,
        ..AccountQuotas::default()
    });
    let h = Harness::under(quotas).await;

    for _ in 0..3 {
        h.call("ListSecrets", json!({})).await;
    }

    let counts = h.app.counts();
    let listed = of(&counts, "ListSecrets").unwrap();
    assert_eq!(listed.throttled, 2);
    assert_eq!(listed.codes, [("ThrottlingException", 2), (SUCCESS, 1)]);
}

#[tokio::test]
async fn what_callers_send_is_in_no_count() {
    const CANARY: &str = "canary";
    let h = Harness::new().await;
    h.a_secret("canary-name", "canary-value").await;
    let unknown = h
        .root
        .signed("canary-operation", &json!({ "canary": "canary" }), h.now());
    h.send(unknown).await;
    h.call("GetSecretValue", json!({ "SecretId": "canary-name" }))
        .await
        .ok();
    h.call("GetSecretValue", json!({ "SecretId": "canary-other" }))
        .await;
    h.iam("canary-action", &[]).await;

    let counts = format!("{:?}", h.app.counts());
    let secrets = format!("{:?}", h.app.secret_counts().await.unwrap());

    assert!(!counts.contains(CANARY), "{counts}");
    assert!(!secrets.contains(CANARY), "{secrets}");
}

#[tokio::test]
async fn secrets_are_counted_by_account_and_region() {
    let h = Harness::new().await;
    let other = h
        .another_account("210987654321")
        .await
        .in_region("eu-west-1");
    for name in ["one", "two"] {
        h.a_secret(name, "s").await;
    }
    let secret = json!({ "Name": "three", "ClientRequestToken": token(0) });
    h.call_as(&other, "CreateSecret", secret).await.ok();
    let delete = json!({ "SecretId": "one", "ForceDeleteWithoutRecovery": true });
    h.call("DeleteSecret", delete).await.ok();

    let counts = h.app.secret_counts().await.unwrap();

    let count = |account: &str, region: &str, secrets| SecretCount {
        account: AccountId::parse(account).unwrap(),
        region: RegionName::parse(region).unwrap(),
        secrets,
    };
    assert_eq!(
        counts,
        [
            count("123456789012", "us-east-1", 1),
            count("210987654321", "eu-west-1", 1),
        ]
    );
}

#[tokio::test]
async fn work_is_due_until_it_is_done() {
    let h = Harness::new().await;
    h.a_secret("db", "s").await;
    let delete = json!({ "SecretId": "db", "RecoveryWindowInDays": 7 });
    h.call("DeleteSecret", delete).await.ok();
    let before = h.app.due_work().await.unwrap();

    h.clock.advance_days(8);
    let due = h.app.due_work().await.unwrap();
    h.app.tick().await.unwrap();
    let after = h.app.due_work().await.unwrap();

    let deletions = |deletions| DueWork {
        rotations: 0,
        deletions,
        functions: 0,
        messages: 0,
        trails: 0,
    };
    assert_eq!(
        [before, due, after],
        [deletions(0), deletions(1), deletions(0)]
    );
}

#[tokio::test]
async fn what_follows_the_log_is_behind_until_it_has_followed() {
    let h = Harness::new().await;
    h.app.follow().await.unwrap();
    while h.app.follow().await.unwrap() {}
    let behind = async || {
        let behind = h.app.followers_behind().await.unwrap();
        let told = behind.iter().map(|one| (one.follower, one.events));
        told.collect::<Vec<_>>()
    };
    let before = behind().await;
    h.a_secret("db", "s").await;
    h.call("GetSecretValue", json!({ "SecretId": "db" }))
        .await
        .ok();

    let meanwhile = behind().await;
    while h.app.follow().await.unwrap() {}
    let after = behind().await;

    let all = |events| [("access", events), ("rules", events), ("trails", events)];
    assert_eq!(before, all(0));
    assert!(meanwhile[0].1 >= 2, "{meanwhile:?}");
    assert_eq!(meanwhile, all(meanwhile[0].1));
    assert_eq!(after, all(0));
}
