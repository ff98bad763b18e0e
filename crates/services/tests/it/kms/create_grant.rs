use super::kit::*;
use super::stage::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

#[tokio::test]
async fn a_grant_lets_its_grantee_in_for_its_operations_alone() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("ana", None).await;
    let before = encrypt_as(&h, &user, &key, json!({})).await;

    let body = json!({
        "KeyId": id_of(&key), "GranteePrincipal": user_arn("ana"), "Operations": ["Encrypt"],
    });
    let reply = h.kms("CreateGrant", body).await;

    let made = reply.ok();
    let id = made["GrantId"].as_str().unwrap();
    assert_eq!(id.len(), 64);
    assert_eq!(made.as_object().unwrap().len(), 2);
    assert_denied(&before, &user_arn("ana"), "Encrypt", &key);
    let sealed = encrypt_as(&h, &user, &key, json!({})).await.ok();
    let body = json!({ "CiphertextBlob": sealed["CiphertextBlob"] });
    let decrypted = h.kms_as(&user, "Decrypt", body).await;
    assert_denied(&decrypted, &user_arn("ana"), "Decrypt", &key);
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(
        event["responseElements"],
        json!({ "grantId": id, "keyId": key })
    );
    assert_eq!(event["resources"][0]["ARN"], key);
    assert!(
        !event
            .to_string()
            .contains(made["GrantToken"].as_str().unwrap())
    );
}

#[tokio::test]
async fn a_denial_of_the_key_policy_beats_a_grant() {
    let h = Harness::new().await;
    let user = h.a_user("ana", None).await;
    let deny = statement("Deny", Some(&user_arn("ana")), "kms:Encrypt");
    let key = a_key_with(&h, &[deny]).await;

    a_grant(&h, &key, &user_arn("ana"), &["Encrypt"]).await;

    assert_no_leave(&encrypt_as(&h, &user, &key, json!({})).await, "Encrypt");
}

#[tokio::test]
async fn constraints_bind_to_encryption_contexts() {
    let h = Harness::new().await;
    let user = h.a_user("ana", None).await;
    let (ab, a, none) = (
        json!({ "a": "1", "b": "2" }),
        json!({ "a": "1" }),
        json!({}),
    );
    let other = json!({ "a": "2" });

    for (constraint, allowed, refused) in [
        (
            "EncryptionContextEquals",
            vec![&a],
            vec![&ab, &none, &other],
        ),
        (
            "EncryptionContextSubset",
            vec![&a, &ab],
            vec![&none, &other],
        ),
    ] {
        let key = h.a_key().await;
        let body = json!({
            "KeyId": key,
            "GranteePrincipal": user_arn("ana"),
            "Operations": ["Encrypt", "DescribeKey"],
            "Constraints": { constraint: a },
        });
        h.kms("CreateGrant", body).await.ok();

        for context in allowed {
            encrypt_as(&h, &user, &key, context.clone()).await.ok();
        }
        for context in refused {
            let reply = encrypt_as(&h, &user, &key, context.clone()).await;
            assert_denied(&reply, &user_arn("ana"), "Encrypt", &key);
        }
        // What has no context is not constrained.
        let body = json!({ "KeyId": key });
        h.kms_as(&user, "DescribeKey", body).await.ok();
        assert_eq!(
            grants(&h, &key).await[0]["Constraints"],
            json!({ constraint: a })
        );
    }
}

#[tokio::test]
async fn a_named_request_makes_one_grant() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.a_user("ana", None).await;
    let body = json!({
        "KeyId": key, "GranteePrincipal": user_arn("ana"), "Name": "mine",
        "Operations": ["Encrypt", "Decrypt"],
    });

    let one = h.kms("CreateGrant", body.clone()).await.ok();
    let again = with(
        body.clone(),
        json!({ "Operations": ["Decrypt", "Encrypt"] }),
    );
    let again = h.kms("CreateGrant", again).await.ok();
    let more = with(body.clone(), json!({ "Operations": ["Encrypt"] }));
    let more = h.kms("CreateGrant", more).await.ok();
    let named = with(body, json!({ "Name": "other" }));
    let named = h.kms("CreateGrant", named).await.ok();

    assert_eq!(again["GrantId"], one["GrantId"]);
    assert_ne!(again["GrantToken"], one["GrantToken"]);
    assert_ne!(more["GrantId"], one["GrantId"]);
    assert_ne!(named["GrantId"], one["GrantId"]);
    assert_eq!(grants(&h, &key).await.len(), 3);
}

#[tokio::test]
async fn requests_without_a_name_make_a_grant_each() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let one = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    let two = a_grant(&h, &key, ROOT, &["Encrypt"]).await;

    assert_ne!(one["GrantId"], two["GrantId"]);
    assert_eq!(grants(&h, &key).await.len(), 2);
}

/// Asserts that a grant is refused that is right but for each change, and that none is made.
async fn assert_no_grant(refused: Vec<(Value, &str, &str)>) {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let valid = json!({
        "KeyId": key, "GranteePrincipal": ROOT, "RetiringPrincipal": ROOT,
        "Operations": ["Encrypt"],
    });

    for (change, code, text) in refused {
        let reply = h.kms("CreateGrant", with(valid.clone(), change)).await;
        reply.refused(code, text);
    }

    assert_eq!(grants(&h, &key).await, Vec::<Value>::new());
}

#[tokio::test]
async fn nobody_gets_no_grant() {
    let nobody = user_arn("nobody");
    let not_there = format!("ARN does not refer to a valid principal: {nobody}");
    let code = "InvalidArnException";
    assert_no_grant(vec![
        (json!({ "GranteePrincipal": nobody }), code, &not_there),
        (json!({ "RetiringPrincipal": nobody }), code, &not_there),
        (
            json!({ "GranteePrincipal": "123456789012" }),
            code,
            "ARN does not refer to a valid principal: 123456789012",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_grant_that_makes_no_sense_is_refused() {
    let many: Value = (0..9).map(|n| (n.to_string(), json!(""))).collect();
    let too_much =
        "A grant constraint can have up to 8 encryption context pairs and 384 characters.";
    let code = "ValidationException";
    assert_no_grant(vec![
        (
            json!({ "GranteePrincipal": Value::Null }),
            code,
            "You must specify a GranteePrincipal.",
        ),
        (
            json!({ "Operations": [] }),
            code,
            "You must specify at least one of the Operations.",
        ),
        (
            json!({ "Operations": ["Encrypt", "Sign"] }),
            code,
            "The operation Sign is not supported by keys with KeyUsage ENCRYPT_DECRYPT and KeySpec \
             SYMMETRIC_DEFAULT.",
        ),
        (
            json!({ "Constraints": { "EncryptionContextSubset": many } }),
            code,
            too_much,
        ),
        (
            json!({ "Constraints": { "EncryptionContextEquals": { "a": "x".repeat(384) } } }),
            code,
            too_much,
        ),
    ])
    .await;
}

#[tokio::test]
async fn services_of_aws_get_no_grant() {
    let code = "UnsupportedOperationException";
    assert_no_grant(vec![
        (
            json!({ "GranteeServicePrincipal": "ec2.amazonaws.com" }),
            code,
            "GranteeServicePrincipal is not supported by this server yet.",
        ),
        (
            json!({ "RetiringServicePrincipal": "a.b.c" }),
            code,
            "RetiringServicePrincipal is not supported by this server yet.",
        ),
        (
            json!({ "Constraints": { "SourceArn": "arn:aws:s3:us-east-1:123456789012:x" } }),
            code,
            "SourceArn is not supported by this server yet.",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_trial_and_a_false_token_make_no_grant() {
    assert_no_grant(vec![
        (
            json!({ "DryRun": true }),
            "DryRunOperationException",
            "The request would have succeeded, but the DryRun option is set.",
        ),
        (
            json!({ "GrantTokens": ["x"] }),
            "InvalidGrantTokenException",
            "",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_token_is_shown_in_no_event_and_no_text() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;
    let token = grant["GrantToken"].as_str().unwrap();

    let body = json!({ "KeyId": key, "Plaintext": SECRET, "GrantTokens": vec![token; 11] });
    let reply = h.kms("Encrypt", body).await;

    assert_eq!(reply.json()["__type"], "ValidationException");
    assert!(!reply.json().to_string().contains(token));
    for event in h.audit.events() {
        assert!(!event.to_string().contains(token), "{event}");
    }
}

#[tokio::test]
async fn the_token_of_another_grant_is_taken() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let grant = a_grant(&h, &key, ROOT, &["Encrypt"]).await;

    let body = json!({
        "KeyId": key, "Plaintext": SECRET, "GrantTokens": [grant["GrantToken"]],
    });
    let reply = h.kms("Encrypt", body).await;

    assert_eq!(reply.ok()["KeyId"], key);
}

#[tokio::test]
async fn a_grant_by_a_grant_gives_no_more_than_it() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let ana = h.a_user("ana", None).await;
    h.a_user("bob", None).await;
    let context = json!({ "a": "1" });
    let body = json!({
        "KeyId": key,
        "GranteePrincipal": user_arn("ana"),
        "Operations": ["CreateGrant", "Encrypt"],
        "Constraints": { "EncryptionContextSubset": context },
    });
    h.kms("CreateGrant", body).await.ok();
    let passed_on = |operations: Value, constraints: Value| {
        json!({
            "KeyId": key, "GranteePrincipal": user_arn("bob"), "Operations": operations,
            "Constraints": constraints,
        })
    };
    let subset = json!({ "EncryptionContextSubset": context });

    for body in [
        passed_on(json!(["Decrypt"]), subset.clone()),
        passed_on(json!(["Encrypt", "Decrypt"]), subset.clone()),
        passed_on(json!(["Encrypt"]), json!({})),
        passed_on(
            json!(["Encrypt"]),
            json!({ "EncryptionContextEquals": { "a": "2" } }),
        ),
    ] {
        let reply = h.kms_as(&ana, "CreateGrant", body).await;
        assert_denied(&reply, &user_arn("ana"), "CreateGrant", &key);
    }
    assert_eq!(grants(&h, &key).await.len(), 1);
    for constraints in [
        subset,
        json!({ "EncryptionContextEquals": { "a": "1", "b": "2" } }),
    ] {
        let body = passed_on(json!(["Encrypt"]), constraints);
        h.kms_as(&ana, "CreateGrant", body).await.ok();
    }
}

#[tokio::test]
async fn a_grant_is_of_the_one_who_had_the_name() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    h.iam("CreateUser", &[("UserName", "ana")]).await.xml_ok();
    a_grant(&h, &key, &user_arn("ana"), &["Encrypt"]).await;
    h.iam("DeleteUser", &[("UserName", "ana")]).await.xml_ok();

    let namesake = h.a_user("ana", None).await;

    let reply = encrypt_as(&h, &namesake, &key, json!({})).await;
    assert_denied(&reply, &user_arn("ana"), "Encrypt", &key);
}

#[tokio::test]
async fn a_grant_crosses_accounts() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let other = h.another_account(OTHER).await;
    let root = format!("arn:aws:iam::{OTHER}:root");
    let before = encrypt_as(&h, &other, &key, json!({})).await;

    a_grant(&h, &key, &root, &["Encrypt", "CreateGrant"]).await;
    let body = json!({ "KeyId": key, "GranteePrincipal": root, "Operations": ["Encrypt"] });
    h.kms_as(&other, "CreateGrant", body).await.ok();

    assert_no_leave(&before, "Encrypt");
    encrypt_as(&h, &other, &key, json!({})).await.ok();
    let mut issuers: Vec<Value> = grants(&h, &key).await;
    issuers = issuers
        .iter()
        .map(|one| one["IssuingAccount"].clone())
        .collect();
    issuers.sort_by_key(Value::to_string);
    assert_eq!(issuers, [json!(ROOT), json!(root)]);
}

#[tokio::test]
async fn conditions_see_the_grant() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let user = h.a_user("ana", None).await;
    let mut allow = statement("Allow", None, "kms:CreateGrant");
    allow["Condition"] = json!({
        "StringEquals": {
            "kms:GranteePrincipal": ROOT,
            "kms:RetiringPrincipal": user_arn("ana"),
            "kms:GrantConstraintType": "EncryptionContextSubset",
            "kms:EncryptionContext:app": "shop",
        },
        "ForAllValues:StringEquals": {
            "kms:GrantOperations": ["Encrypt", "Decrypt"], "kms:EncryptionContextKeys": ["app"],
        },
        "Bool": { "kms:GrantIsForAWSResource": "false" },
    });
    h.allow("ana", &policy(&[allow])).await;
    let right = json!({
        "KeyId": key, "GranteePrincipal": ROOT, "RetiringPrincipal": user_arn("ana"),
        "Operations": ["Encrypt"],
        "Constraints": { "EncryptionContextSubset": { "app": "shop" } },
    });

    for change in [
        json!({ "GranteePrincipal": user_arn("ana") }),
        json!({ "RetiringPrincipal": ROOT }),
        json!({ "Operations": ["Encrypt", "DescribeKey"] }),
        json!({ "Constraints": { "EncryptionContextEquals": { "app": "shop" } } }),
        json!({ "Constraints": { "EncryptionContextSubset": { "app": "bank" } } }),
        json!({ "Constraints": { "EncryptionContextSubset": { "app": "shop", "b": "" } } }),
        json!({ "Constraints": {} }),
        json!({ "Constraints": { "EncryptionContextSubset": {} } }),
    ] {
        let reply = h
            .kms_as(&user, "CreateGrant", with(right.clone(), change))
            .await;
        assert_denied(&reply, &user_arn("ana"), "CreateGrant", &key);
    }
    h.kms_as(&user, "CreateGrant", right).await.ok();
}

#[tokio::test]
async fn only_a_key_that_can_be_used_gets_a_grant() {
    let h = Harness::new().await;
    let body = json!({ "GranteePrincipal": ROOT, "Operations": ["Encrypt"] });
    assert_needs_enabled_key(&h, "CreateGrant", &body).await;

    let missing = with(body.clone(), json!({ "KeyId": NO_KEY }));
    let reply = h.kms("CreateGrant", missing).await;

    let text = format!("Key '{NO_KEY_ARN}' does not exist");
    reply.refused("NotFoundException", &text);
    let alias = with(body, json!({ "KeyId": "alias/x" }));
    let reply = h.kms("CreateGrant", alias).await;
    reply.refused("NotFoundException", "Invalid keyId 'alias/x'");
}
