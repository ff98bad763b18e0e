use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

/// A grant to `grantee` that `retiring` may give back.
async fn a_retirable_grant(h: &Harness, key: &str, grantee: &str, retiring: &str) -> Value {
    let body = json!({
        "KeyId": key, "GranteePrincipal": grantee, "RetiringPrincipal": retiring,
        "Operations": ["Encrypt"],
    });
    h.kms("CreateGrant", body).await.ok()
}

#[tokio::test]
async fn the_retiring_principal_gives_a_grant_back_by_token_or_id() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let (ana, bob) = (h.a_user("ana", None).await, h.a_user("bob", None).await);

    for by_token in [true, false] {
        let grant = a_retirable_grant(&h, &key, &user_arn("bob"), &user_arn("ana")).await;
        encrypt_as(&h, &bob, &key, json!({})).await.ok();
        let body = match by_token {
            true => json!({ "GrantToken": grant["GrantToken"] }),
            false => json!({ "KeyId": key, "GrantId": grant["GrantId"] }),
        };

        let by_bob = h.kms_as(&bob, "RetireGrant", body.clone()).await;
        let reply = h.kms_as(&ana, "RetireGrant", body).await;

        assert_denied(&by_bob, &user_arn("bob"), "RetireGrant", &key);
        assert_done(&reply);
        let event = &h.audit.events_of(&reply.request_id)[0];
        assert_eq!(event["resources"][0]["ARN"], key);
        assert_eq!(event["responseElements"], json!({ "keyId": key }));
        assert_eq!(event["requestParameters"].get("grantToken"), None);
        assert_eq!(grants(&h, &key).await, Vec::<Value>::new());
        let after = encrypt_as(&h, &bob, &key, json!({})).await;
        assert_denied(&after, &user_arn("bob"), "Encrypt", &key);
    }
}

#[tokio::test]
async fn a_grantee_gives_back_a_grant_that_says_so_and_no_other() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let ana = h.a_user("ana", None).await;
    let closed = a_grant(&h, &key, &user_arn("ana"), &["Encrypt"]).await;
    let open = a_grant(&h, &key, &user_arn("ana"), &["Encrypt", "RetireGrant"]).await;
    let body = |grant: &Value| json!({ "KeyId": key, "GrantId": grant["GrantId"] });

    let refused = h.kms_as(&ana, "RetireGrant", body(&closed)).await;
    let retired = h.kms_as(&ana, "RetireGrant", body(&open)).await;

    assert_denied(&refused, &user_arn("ana"), "RetireGrant", &key);
    assert_done(&retired);
    assert_eq!(grants(&h, &key).await.len(), 1);
}

#[tokio::test]
async fn a_grant_is_named_in_one_of_two_ways() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    let (id, token) = (&grant["GrantId"], &grant["GrantToken"]);

    for body in [
        json!({}),
        json!({ "KeyId": key }),
        json!({ "GrantId": id }),
        json!({ "KeyId": key, "GrantId": id, "GrantToken": token }),
    ] {
        let reply = h.kms("RetireGrant", body).await;
        reply.refused(
            "ValidationException",
            "Grant token OR (grant ID, key ID) must be specified",
        );
    }
    let reply = h.kms("RetireGrant", json!({ "GrantToken": "x" })).await;
    reply.refused("InvalidGrantTokenException", "");
    assert_eq!(grants(&h, &key).await.len(), 1);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_given_back() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    let id = grant["GrantId"].as_str().unwrap();
    let body = json!({ "GrantToken": grant["GrantToken"] });
    h.kms("RetireGrant", body.clone()).await.ok();
    let nobody = h.a_user("nobody", None).await;

    let by_token = h.kms("RetireGrant", body.clone()).await;
    let by_id = json!({ "KeyId": key, "GrantId": id });
    let by_id = h.kms("RetireGrant", by_id).await;
    let no_id = json!({ "KeyId": key, "GrantId": "x" });
    let no_id = h.kms("RetireGrant", no_id).await;
    let no_key = json!({ "KeyId": NO_KEY, "GrantId": id });
    let no_key = h.kms("RetireGrant", no_key).await;
    let refused = h.kms_as(&nobody, "RetireGrant", body).await;

    for reply in [by_token, by_id] {
        reply.refused("NotFoundException", &format!("Grant ID {id} not found"));
    }
    no_id.refused("InvalidGrantIdException", "The grant ID is invalid.");
    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    no_key.refused("NotFoundException", &text);
    assert_denied(&refused, &user_arn("nobody"), "RetireGrant", &key);
}

#[tokio::test]
async fn a_token_is_good_in_its_region_only() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;

    let elsewhere = h.root.in_region("eu-west-1");
    let body = json!({ "GrantToken": grant["GrantToken"] });
    let reply = h.kms_as(&elsewhere, "RetireGrant", body).await;

    reply.refused("InvalidGrantTokenException", "");
    assert_eq!(grants(&h, &key).await.len(), 1);
}

#[tokio::test]
async fn another_account_gives_back_what_it_may() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let other = h.another_account(OTHER).await;
    let root = format!("arn:aws:iam::{OTHER}:root");
    let own = a_retirable_grant(&h, &key, &root, &root).await;
    let foreign = a_retirable_grant(&h, &key, &root, ROOT).await;
    let body = |grant: &Value| json!({ "KeyId": key, "GrantId": grant["GrantId"] });

    let retired = h.kms_as(&other, "RetireGrant", body(&own)).await;
    let refused = h.kms_as(&other, "RetireGrant", body(&foreign)).await;

    assert_done(&retired);
    assert_no_leave(&refused, "RetireGrant");
    assert_eq!(grants(&h, &key).await.len(), 1);
}

#[tokio::test]
async fn a_denial_and_a_trial_keep_the_grant() {
    let h = Harness::new().await;
    let ana = h.a_user("ana", None).await;
    let deny = statement("Deny", Some(&user_arn("ana")), "kms:RetireGrant");
    let key = a_key_with(&h, &[deny]).await;
    let grant = a_retirable_grant(&h, &key, ROOT, &user_arn("ana")).await;
    let body = json!({ "GrantToken": grant["GrantToken"] });

    let denied = h.kms_as(&ana, "RetireGrant", body.clone()).await;
    let trial = h
        .kms("RetireGrant", with(body, json!({ "DryRun": true })))
        .await;

    assert_no_leave(&denied, "RetireGrant");
    trial.refused(
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
    );
    assert_eq!(grants(&h, &key).await.len(), 1);
}

#[tokio::test]
async fn a_doomed_key_gets_its_grants_back() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    doom(&h, &key).await;

    let body = json!({ "GrantToken": grant["GrantToken"] });
    assert_done(&h.kms("RetireGrant", body).await);

    assert_eq!(grants(&h, &key).await, Vec::<Value>::new());
}
