use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn what_is_revoked_allows_nothing_from_then_on() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("ana", None).await;
    let grant = a_grant(&h, &key, &user_arn("ana"), &["Encrypt"]).await;
    let kept = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    encrypt_as(&h, &user, &key, json!({})).await.ok();

    let body = json!({ "KeyId": key, "GrantId": grant["GrantId"] });
    assert_done(&h.kms("RevokeGrant", body.clone()).await);
    let again = h.kms("RevokeGrant", body).await;

    let reply = encrypt_as(&h, &user, &key, json!({})).await;
    assert_denied(&reply, &user_arn("ana"), "Encrypt", &key);
    let text = format!("Grant ID {} not found", grant["GrantId"].as_str().unwrap());
    again.refused("NotFoundException", &text);
    let left = grants(&h, &key).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["GrantId"], kept["GrantId"]);
}

#[tokio::test]
async fn a_grant_is_revoked_on_its_own_key_only() {
    let h = Harness::new().await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    let id = grant["GrantId"].as_str().unwrap();

    let body = |key: &str, id: &str| json!({ "KeyId": key, "GrantId": id });
    let wrong_key = h.kms("RevokeGrant", body(&other, id)).await;
    let no_id = h.kms("RevokeGrant", body(&key, "x")).await;
    let no_key = h.kms("RevokeGrant", body(NO_KEY, id)).await;

    wrong_key.refused("NotFoundException", &format!("Grant ID {id} not found"));
    no_id.refused("InvalidGrantIdException", "The grant ID is invalid.");
    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    no_key.refused("NotFoundException", &text);
    assert_eq!(grants(&h, &key).await.len(), 1);
}

#[tokio::test]
async fn a_grantee_may_not_revoke_and_a_trial_does_not() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("ana", None).await;
    let operations = ["Encrypt", "RetireGrant", "CreateGrant"];
    let grant = a_grant(&h, &key, &user_arn("ana"), &operations).await;

    let body = json!({ "KeyId": key, "GrantId": grant["GrantId"] });
    let refused = h.kms_as(&user, "RevokeGrant", body.clone()).await;
    let trial = testkit::with(body, json!({ "DryRun": true }));
    let trial = h.kms("RevokeGrant", trial).await;

    assert_denied(&refused, &user_arn("ana"), "RevokeGrant", &key);
    trial.refused(
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
    );
    assert_eq!(grants(&h, &key).await.len(), 1);
}

#[tokio::test]
async fn grants_are_revoked_whatever_state_the_key_is_in() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    for operation in ["DisableKey", "ScheduleKeyDeletion"] {
        h.kms("EnableKey", json!({ "KeyId": key })).await.ok();
        let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
        h.kms(operation, json!({ "KeyId": key })).await.ok();

        let body = json!({ "KeyId": key, "GrantId": grant["GrantId"] });
        assert_done(&h.kms("RevokeGrant", body).await);

        assert_eq!(grants(&h, &key).await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_key_policy_lets_another_account_revoke() {
    let h = Harness::new().await;
    let other = h.another_account(OTHER).await;
    let root = format!("arn:aws:iam::{OTHER}:root");
    let shared = a_key_with(&h, &[statement("Allow", Some(&root), "kms:RevokeGrant")]).await;
    let closed = h.a_key().await;

    for (key, is_allowed) in [(&shared, true), (&closed, false)] {
        let grant = a_grant(&h, key, ROOT, &["Encrypt"]).await;
        let body = json!({ "KeyId": key, "GrantId": grant["GrantId"] });
        let reply = h.kms_as(&other, "RevokeGrant", body).await;
        match is_allowed {
            true => assert_done(&reply),
            false => assert_no_leave(&reply, "RevokeGrant"),
        }
        assert_eq!(grants(&h, key).await.is_empty(), is_allowed);
    }
}
