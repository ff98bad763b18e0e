use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

#[tokio::test]
async fn a_grant_is_shown_whole() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_user("ana", None).await;
    let body = json!({
        "KeyId": key, "GranteePrincipal": user_arn("ana"), "RetiringPrincipal": ROOT,
        "Operations": ["Decrypt", "Encrypt", "Decrypt"], "Name": "mine",
        "Constraints": { "EncryptionContextSubset": { "a": "1" } },
    });
    let made = h.kms("CreateGrant", body).await.ok();

    let listed = h.kms("ListGrants", json!({ "KeyId": id_of(&key) })).await;

    let grant = json!({
        "KeyId": key,
        "GrantId": made["GrantId"],
        "Name": "mine",
        "CreationDate": 1_768_478_400,
        "GranteePrincipal": user_arn("ana"),
        "RetiringPrincipal": ROOT,
        "IssuingAccount": ROOT,
        "Operations": ["Decrypt", "Encrypt"],
        "Constraints": { "EncryptionContextSubset": { "a": "1" } },
    });
    assert_eq!(
        listed.ok(),
        json!({ "Grants": [grant], "Truncated": false })
    );
}

#[tokio::test]
async fn what_a_grant_has_not_is_not_shown() {
    let h = Harness::new().await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    let made = a_grant(&h, &key, ROOT, &["Encrypt"]).await;

    let grant = json!({
        "KeyId": key,
        "GrantId": made["GrantId"],
        "Name": "",
        "CreationDate": 1_768_478_400,
        "GranteePrincipal": ROOT,
        "IssuingAccount": ROOT,
        "Operations": ["Encrypt"],
    });
    assert_eq!(grants(&h, &key).await, [grant]);
    assert_eq!(grants(&h, &other).await, Vec::<Value>::new());
}

#[tokio::test]
async fn grants_are_found_by_grantee_and_by_id() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_user("ana", None).await;
    let of_ana = a_grant(&h, &key, &user_arn("ana"), &["Encrypt"]).await;
    let of_root = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    let (ana, root) = (&of_ana["GrantId"], &of_root["GrantId"]);

    for (filter, expected) in [
        (json!({ "GranteePrincipal": user_arn("ana") }), vec![ana]),
        (json!({ "GranteePrincipal": user_arn("bob") }), vec![]),
        (json!({ "GrantId": root }), vec![root]),
        (json!({ "GrantId": "0".repeat(64) }), vec![]),
        (
            json!({ "GrantId": root, "GranteePrincipal": ROOT }),
            vec![root],
        ),
        (
            json!({ "GrantId": root, "GranteePrincipal": user_arn("ana") }),
            vec![],
        ),
        (json!({ "GranteeServicePrincipal": "a.b.c" }), vec![]),
    ] {
        let body = with(json!({ "KeyId": key }), filter);
        let listed = h.kms("ListGrants", body).await.ok();
        let found: Vec<&Value> = listed["Grants"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["GrantId"])
            .collect();
        assert_eq!(found, expected);
        assert_eq!(listed["Truncated"], false);
    }
    let body = json!({ "KeyId": key, "GrantId": "x" });
    let reply = h.kms("ListGrants", body).await;
    reply.refused("InvalidGrantIdException", "The grant ID is invalid.");
}

#[tokio::test]
async fn pages_make_up_the_whole() {
    let h = Harness::new().await;
    let (key, other) = (h.a_key().await, h.a_key().await);
    let mut made = Vec::new();
    for _ in 0..5 {
        let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
        made.push(grant["GrantId"].as_str().unwrap().to_owned());
    }
    made.sort_unstable();

    for filter in [json!({}), json!({ "GranteePrincipal": ROOT })] {
        let question = with(json!({ "KeyId": key, "Limit": 2 }), filter);
        let mut body = question.clone();
        let mut pages = Vec::new();
        let mut found = Vec::new();
        loop {
            let page = h.kms("ListGrants", body.clone()).await.ok();
            let grants = page["Grants"].as_array().unwrap();
            pages.push(grants.len());
            found.extend(grants.iter().map(|one| one["GrantId"].clone()));
            match page.get("NextMarker") {
                Some(marker) => body["Marker"] = marker.clone(),
                None => break,
            }
        }
        assert_eq!(pages, [2, 2, 1]);
        assert_eq!(found, made);
        let elsewhere = with(body, json!({ "KeyId": other }));
        let reply = h.kms("ListGrants", elsewhere).await;
        reply.refused("InvalidMarkerException", "The marker is invalid.");
    }
}

#[tokio::test]
async fn a_key_in_any_state_shows_its_grants_to_who_may_see_them() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    let user = h.a_user("ana", None).await;
    let other = h.another_account(OTHER).await;

    for operation in ["DisableKey", "ScheduleKeyDeletion"] {
        h.kms(operation, json!({ "KeyId": key })).await.ok();
        assert_eq!(grants(&h, &key).await.len(), 1);
    }
    let body = json!({ "KeyId": key });
    let refused = h.kms_as(&user, "ListGrants", body.clone()).await;
    let foreign = h.kms_as(&other, "ListGrants", body).await;
    let missing = h.kms("ListGrants", json!({ "KeyId": NO_KEY })).await;

    assert_denied(&refused, &user_arn("ana"), "ListGrants", &key);
    assert_no_leave(&foreign, "ListGrants");
    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    missing.refused("NotFoundException", &text);
}

#[tokio::test]
async fn a_key_policy_lets_another_account_see_them() {
    let h = Harness::new().await;
    let other = h.another_account(OTHER).await;
    let root = format!("arn:aws:iam::{OTHER}:root");
    let key = a_key_with(&h, &[statement("Allow", Some(&root), "kms:ListGrants")]).await;
    a_grant(&h, &key, ROOT, &["Encrypt"]).await;

    let listed = h
        .kms_as(&other, "ListGrants", json!({ "KeyId": key }))
        .await;

    assert_eq!(listed.ok()["Grants"].as_array().unwrap().len(), 1);
}
