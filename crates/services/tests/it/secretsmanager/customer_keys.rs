//! Secrets under customers' keys: who may, what a key's state means, and changing the key.

use serde_json::{Value, json};
use testkit::{Caller, Harness, Reply, token, with};

const NOT_ALLOWED: &str = "Access to KMS is not allowed";

/// A secret `db` with a value under `key`.
async fn a_secret_under(h: &Harness, key: &str, value: &str) -> String {
    let body = json!({
        "Name": "db", "SecretString": value, "ClientRequestToken": token(0), "KmsKeyId": key,
    });
    let created = h.call("CreateSecret", body).await.ok();
    created["ARN"].as_str().unwrap().to_owned()
}

async fn read_as(h: &Harness, caller: &Caller, id: &str) -> Reply {
    h.call_as(caller, "GetSecretValue", json!({ "SecretId": id }))
        .await
}

async fn rekey(h: &Harness, key: &str) -> Reply {
    h.call("UpdateSecret", json!({ "SecretId": "db", "KmsKeyId": key }))
        .await
}

/// The keys of the versions of `db`, oldest first.
async fn keys_of_versions(h: &Harness) -> Vec<Value> {
    let body = json!({ "SecretId": "db", "IncludeDeprecated": true });
    let listed = h.call("ListSecretVersionIds", body).await.ok();
    let versions = listed["Versions"].as_array().unwrap().iter();
    versions
        .map(|version| version["KmsKeyIds"].clone())
        .collect()
}

/// The text of a failure: what KMS said, in the words of the SDK that AWS uses itself. The id of the
/// KMS request is that of the last event of KMS.
fn failure(h: &Harness, verb: &str, text: &str, code: &str) -> String {
    let events = h.audit.events();
    let mut of_kms = events
        .iter()
        .filter(|event| event["eventSource"] == "kms.amazonaws.com");
    let id = of_kms.next_back().unwrap()["requestID"].clone();
    format!(
        "Secrets Manager can't {verb} the secret value: {text} (Service: AWSKMS; Status Code: 400; \
         Error Code: {code}; Request ID: {}; Proxy: null)",
        id.as_str().unwrap()
    )
}

fn policy(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn allow(action: Value) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": "*" })
}

/// A policy of a key that delegates to its account, with more statements.
async fn put_key_policy(h: &Harness, key: &str, more: &[Value]) {
    let root = json!({ "Principal": { "AWS": "123456789012" } });
    let delegation = with(allow(json!("kms:*")), root);
    let text = policy(&[&[delegation], more].concat()).to_string();
    h.kms("PutKeyPolicy", json!({ "KeyId": key, "Policy": text }))
        .await
        .ok();
}

#[tokio::test]
async fn the_key_is_shown_as_it_was_named_and_where_it_was_used_by_its_arn() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let id = key.rsplit('/').next().unwrap();

    a_secret_under(&h, id, "hunter2").await;

    assert_eq!(h.describe("db").await["KmsKeyId"], id);
    assert_eq!(keys_of_versions(&h).await, [json!([key])]);
    assert_eq!(h.value("db").await, "hunter2");
    let listed = h.call("ListSecrets", json!({})).await.ok();
    assert_eq!(listed["SecretList"][0]["KmsKeyId"], id);
}

#[tokio::test]
async fn a_key_that_is_not_there_makes_no_secret() {
    let h = Harness::new().await;
    let none = "11111111-2222-4333-8444-555555555555";
    let arn = format!("arn:aws:kms:us-east-1:123456789012:key/{none}");
    let elsewhere = arn.replace("us-east-1", "eu-west-1");

    for key in [none, &arn, &elsewhere, "alias/none", "none"] {
        let body = json!({ "Name": "db", "ClientRequestToken": token(0), "KmsKeyId": key });
        let reply = h.call("CreateSecret", body).await;
        let text = format!("Key '{key}' does not exist");
        reply.refused("ResourceNotFoundException", &text);
    }

    assert_eq!(h.everything().await, json!([]));
}

#[tokio::test]
async fn a_disabled_key_keeps_the_value_from_everybody_until_it_is_enabled() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_secret_under(&h, &key, "hunter2").await;

    h.kms("DisableKey", json!({ "KeyId": key })).await.ok();
    let read = read_as(&h, &h.root, "db").await;

    let text = failure(
        &h,
        "decrypt",
        &format!("{key} is disabled."),
        "DisabledException",
    );
    read.refused("DecryptionFailure", &text);
    h.kms("EnableKey", json!({ "KeyId": key })).await.ok();
    assert_eq!(h.value("db").await, "hunter2");
}

#[tokio::test]
async fn a_disabled_key_takes_no_value_and_changes_nothing() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_secret_under(&h, &key, "hunter2").await;
    h.kms("DisableKey", json!({ "KeyId": key })).await.ok();
    let before = h.everything().await;
    let said = format!("{key} is disabled.");

    for (operation, body) in [
        ("PutSecretValue", json!({ "SecretId": "db" })),
        ("UpdateSecret", json!({ "SecretId": "db" })),
        ("CreateSecret", json!({ "Name": "other", "KmsKeyId": key })),
    ] {
        let value = json!({ "SecretString": "new", "ClientRequestToken": token(1) });
        let reply = h.call(operation, with(body, value)).await;
        let text = failure(&h, "encrypt", &said, "DisabledException");
        reply.refused("EncryptionFailure", &text);
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_key_to_be_deleted_opens_nothing_and_a_deleted_one_never_again() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_secret_under(&h, &key, "hunter2").await;

    h.kms("ScheduleKeyDeletion", json!({ "KeyId": key }))
        .await
        .ok();
    let read = read_as(&h, &h.root, "db").await;
    let said = format!("{key} is pending deletion.");
    let text = failure(&h, "decrypt", &said, "KMSInvalidStateException");
    read.refused("DecryptionFailure", &text);

    h.clock.advance_seconds(30 * 86_400);
    h.app.tick().await.unwrap();
    let read = read_as(&h, &h.root, "db").await;
    let said = format!("Key '{key}' does not exist");
    let text = failure(&h, "decrypt", &said, "NotFoundException");
    read.refused("DecryptionFailure", &text);
}

#[tokio::test]
async fn leave_for_the_secret_is_not_leave_for_its_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_secret_under(&h, &key, "hunter2").await;
    let before = h.everything().await;
    let alice = h
        .a_user("alice", Some(&policy(&[allow(json!("secretsmanager:*"))])))
        .await;
    let value = json!({ "SecretString": "new", "ClientRequestToken": token(1) });

    for (operation, body) in [
        ("GetSecretValue", json!({ "SecretId": "db" })),
        (
            "PutSecretValue",
            with(json!({ "SecretId": "db" }), value.clone()),
        ),
        ("UpdateSecret", with(json!({ "SecretId": "db" }), value)),
        ("UpdateSecret", json!({ "SecretId": "db", "KmsKeyId": key })),
        (
            "CreateSecret",
            json!({ "Name": "other", "KmsKeyId": key, "ClientRequestToken": token(1) }),
        ),
    ] {
        let reply = h.call_as(&alice, operation, body).await;
        reply.refused("AccessDeniedException", NOT_ALLOWED);
    }
    let batch = json!({ "SecretIdList": ["db"] });
    let batch = h.call_as(&alice, "BatchGetSecretValue", batch).await.ok();
    let error = json!({
        "SecretId": "db", "ErrorCode": "AccessDeniedException", "Message": NOT_ALLOWED,
    });
    assert_eq!(batch["Errors"], json!([error]));

    assert_eq!(h.everything().await, before);
    for (operation, body) in [
        ("DescribeSecret", json!({ "SecretId": "db" })),
        (
            "UpdateSecret",
            json!({ "SecretId": "db", "Description": "d" }),
        ),
        ("DeleteSecret", json!({ "SecretId": "db" })),
        ("RestoreSecret", json!({ "SecretId": "db" })),
    ] {
        h.call_as(&alice, operation, body).await.ok();
    }
}

#[tokio::test]
async fn the_refusal_of_kms_is_in_the_events_of_both() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_secret_under(&h, &key, "hunter2").await;
    let alice = h
        .a_user("alice", Some(&policy(&[allow(json!("secretsmanager:*"))])))
        .await;

    let reply = read_as(&h, &alice, "db").await;

    let own = &h.audit.events_of(&reply.request_id)[0];
    let events = h.audit.events();
    let of_kms = events
        .iter()
        .rfind(|event| event["eventName"] == "Decrypt")
        .unwrap();
    assert_eq!(own["errorMessage"], NOT_ALLOWED);
    assert_eq!(of_kms["errorCode"], "AccessDeniedException");
    let text = format!(
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: kms:Decrypt on \
         resource: {key} because no identity-based policy allows the kms:Decrypt action"
    );
    assert_eq!(of_kms["errorMessage"], text);
    for event in [own, of_kms] {
        let decision = &event["additionalEventData"]["decision"];
        assert_eq!(decision["action"], "kms:Decrypt");
        assert_eq!(decision["outcome"], "implicitDeny");
    }
}

#[tokio::test]
async fn leave_can_be_confined_to_the_service_and_the_secret() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let secret = a_secret_under(&h, &key, "hunter2").await;
    let via = json!({ "StringEquals": {
        "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
        "kms:EncryptionContext:SecretARN": secret,
        "aws:CalledViaFirst": "secretsmanager.amazonaws.com",
    }, "Bool": { "aws:ViaAWSService": "true" } });
    let confined = with(allow(json!("kms:*")), json!({ "Condition": via }));
    let statements = [allow(json!("secretsmanager:*")), confined];
    let alice = h.a_user("alice", Some(&policy(&statements))).await;

    assert_eq!(
        read_as(&h, &alice, "db").await.ok()["SecretString"],
        "hunter2"
    );

    let body = json!({ "KeyId": key, "KeySpec": "AES_256",
                       "EncryptionContext": { "SecretARN": secret } });
    let direct = h.kms_as(&alice, "GenerateDataKey", body).await;
    assert_eq!(direct.json()["__type"], "AccessDeniedException");
    let body = json!({ "Name": "other", "SecretString": "x", "KmsKeyId": key,
                       "ClientRequestToken": token(1) });
    let other = h.call_as(&alice, "CreateSecret", body).await;
    other.refused("AccessDeniedException", NOT_ALLOWED);
}

#[tokio::test]
async fn a_denial_in_the_key_policy_beats_everything() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_secret_under(&h, &key, "hunter2").await;
    let alice = h.a_user("alice", Some(&policy(&[allow(json!("*"))]))).await;
    let denial =
        json!({ "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*" });

    assert_eq!(
        read_as(&h, &alice, "db").await.ok()["SecretString"],
        "hunter2"
    );
    put_key_policy(&h, &key, &[denial]).await;

    for caller in [&alice, &h.root] {
        read_as(&h, caller, "db")
            .await
            .refused("AccessDeniedException", NOT_ALLOWED);
    }
}

#[tokio::test]
async fn another_account_needs_leave_for_secret_and_key() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let secret = a_secret_under(&h, &key, "hunter2").await;
    let other = h.another_account("999988887777").await;
    let theirs = json!({ "AWS": "arn:aws:iam::999988887777:root" });

    let lent = with(
        allow(json!("secretsmanager:GetSecretValue")),
        json!({ "Principal": theirs }),
    );
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy(&[lent]).to_string() });
    h.call("PutResourcePolicy", body).await.ok();
    let without_key = read_as(&h, &other, &secret).await;
    let lent = with(allow(json!("kms:Decrypt")), json!({ "Principal": theirs }));
    put_key_policy(&h, &key, &[lent]).await;
    let with_both = read_as(&h, &other, &secret).await;

    without_key.refused("AccessDeniedException", NOT_ALLOWED);
    assert_eq!(with_both.ok()["SecretString"], "hunter2");
}

#[tokio::test]
async fn a_key_of_another_account_serves_whom_it_lets() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let created = h.kms_as(&other, "CreateKey", json!({})).await.ok();
    let key = created["KeyMetadata"]["Arn"].as_str().unwrap();
    let own = with(
        allow(json!("kms:*")),
        json!({ "Principal": { "AWS": "999988887777" } }),
    );
    let lent = ["kms:GenerateDataKey", "kms:Decrypt"];
    let lent = with(
        allow(json!(lent)),
        json!({ "Principal": { "AWS": "123456789012" } }),
    );
    let body = json!({ "Name": "db", "SecretString": "hunter2", "KmsKeyId": key,
                       "ClientRequestToken": token(0) });

    let refused = h.call("CreateSecret", body.clone()).await;
    let text = policy(&[own, lent]).to_string();
    let put = json!({ "KeyId": key, "Policy": text });
    h.kms_as(&other, "PutKeyPolicy", put).await.ok();
    h.call("CreateSecret", body).await.ok();

    refused.refused("AccessDeniedException", NOT_ALLOWED);
    assert_eq!(h.value("db").await, "hunter2");
    assert_eq!(keys_of_versions(&h).await, [json!([key])]);
}

#[tokio::test]
async fn the_default_key_of_another_account_is_nobodys_choice() {
    let h = Harness::new().await;
    let other = h.another_account("999988887777").await;
    let body = json!({ "Name": "x", "SecretString": "x", "ClientRequestToken": token(0) });
    h.call_as(&other, "CreateSecret", body).await.ok();
    let theirs = h.kms_as(&other, "ListKeys", json!({})).await.ok()["Keys"][0]["KeyArn"].clone();

    let body = json!({ "Name": "db", "KmsKeyId": theirs, "ClientRequestToken": token(0) });
    let reply = h.call("CreateSecret", body).await;

    reply.refused("AccessDeniedException", NOT_ALLOWED);
}

#[tokio::test]
async fn a_new_key_wraps_the_labelled_versions_and_the_old_one_still_opens_them() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    a_secret_under(&h, &old, "zero").await;
    for n in 1..=3 {
        h.clock.advance_seconds(1);
        h.put("db", n, &format!("value {n}"), Value::Null).await;
    }
    h.clock.advance_seconds(1);
    h.put("db", 4, "pending", json!(["AWSPENDING"])).await;
    h.clock.advance_seconds(1);
    h.put("db", 5, "blue", json!(["BLUE"])).await;

    let answer = rekey(&h, &new).await.ok();

    assert_eq!(answer.get("VersionId"), None);
    let (both, only_old) = (json!([new, old]), json!([old]));
    let expected = [&only_old, &only_old, &both, &both, &both, &only_old];
    assert_eq!(
        keys_of_versions(&h).await.iter().collect::<Vec<_>>(),
        expected
    );
    assert_eq!(h.describe("db").await["KmsKeyId"], new);
    for (disabled, expected) in [(&old, "value 3"), (&new, "value 3")] {
        h.kms("DisableKey", json!({ "KeyId": disabled })).await.ok();
        assert_eq!(h.value("db").await, expected);
        h.kms("EnableKey", json!({ "KeyId": disabled })).await.ok();
    }
    h.put("db", 6, "six", Value::Null).await;
    assert_eq!(keys_of_versions(&h).await.last(), Some(&json!([new])));
}

#[tokio::test]
async fn with_all_its_keys_disabled_a_value_says_what_the_newest_said() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    a_secret_under(&h, &old, "hunter2").await;
    rekey(&h, &new).await.ok();
    for key in [&old, &new] {
        h.kms("DisableKey", json!({ "KeyId": key })).await.ok();
    }

    let read = read_as(&h, &h.root, "db").await;

    let text = read.json()["Message"].as_str().unwrap().to_owned();
    assert!(text.contains(&format!("{new} is disabled.")), "{text}");
}

#[tokio::test]
async fn the_event_tells_what_decided_the_answer_and_not_what_another_key_said() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    a_secret_under(&h, &old, "hunter2").await;
    rekey(&h, &new).await.ok();
    let only = |key: &str| with(allow(json!("kms:*")), json!({ "Resource": key }));
    let all = allow(json!("secretsmanager:*"));
    let of_old = h
        .a_user("of-old", Some(&policy(&[all.clone(), only(&old)])))
        .await;
    let of_new = h.a_user("of-new", Some(&policy(&[all, only(&new)]))).await;

    for key in [&old, &new] {
        h.kms("DisableKey", json!({ "KeyId": key })).await.ok();
    }
    let denied = read_as(&h, &of_old, "db").await;
    let disabled = read_as(&h, &of_new, "db").await;

    let decision = |reply: &Reply| {
        let event = &h.audit.events_of(&reply.request_id)[0];
        event["additionalEventData"]["decision"].clone()
    };
    denied.refused("AccessDeniedException", NOT_ALLOWED);
    assert_eq!(decision(&denied)["outcome"], "implicitDeny");
    assert_eq!(disabled.json()["__type"], "DecryptionFailure");
    assert_eq!(decision(&disabled), Value::Null);
}

#[tokio::test]
async fn the_key_may_go_back_to_the_default_one_and_return() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_secret_under(&h, &key, "hunter2").await;

    rekey(&h, "").await.ok();
    assert_eq!(h.describe("db").await.get("KmsKeyId"), None);
    let default = json!(["DefaultEncryptionKey", key]);
    assert_eq!(keys_of_versions(&h).await, [default]);
    rekey(&h, &key).await.ok();
    rekey(&h, &key).await.ok();

    assert_eq!(
        keys_of_versions(&h).await,
        [json!([key, "DefaultEncryptionKey"])]
    );
    assert_eq!(h.value("db").await, "hunter2");
}

#[tokio::test]
async fn without_leave_to_wrap_again_the_key_changes_all_the_same() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    a_secret_under(&h, &old, "hunter2").await;
    let uses = json!(["kms:GenerateDataKey", "kms:Decrypt"]);
    let statements = [allow(json!("secretsmanager:*")), allow(uses)];
    let alice = h.a_user("alice", Some(&policy(&statements))).await;

    let body = json!({ "SecretId": "db", "KmsKeyId": new });
    h.call_as(&alice, "UpdateSecret", body.clone()).await.ok();
    assert_eq!(keys_of_versions(&h).await, [json!([old])]);
    assert_eq!(h.describe("db").await["KmsKeyId"], new);

    let of_new = with(allow(json!("kms:*")), json!({ "Resource": new }));
    let statements = [allow(json!("secretsmanager:*")), of_new];
    h.allow("alice", &policy(&statements)).await;
    h.call_as(&alice, "UpdateSecret", body).await.ok();
    assert_eq!(keys_of_versions(&h).await, [json!([old])]);
    assert_eq!(h.value("db").await, "hunter2");
}

#[tokio::test]
async fn a_key_that_cannot_be_used_is_not_associated() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    a_secret_under(&h, &old, "hunter2").await;
    h.kms("DisableKey", json!({ "KeyId": new })).await.ok();
    let before = h.everything().await;

    let reply = rekey(&h, &new).await;

    let text = failure(
        &h,
        "encrypt",
        &format!("{new} is disabled."),
        "DisabledException",
    );
    reply.refused("EncryptionFailure", &text);
    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_repetition_is_compared_by_who_may_decrypt() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    a_secret_under(&h, &key, "hunter2").await;
    let writes = [
        allow(json!("secretsmanager:*")),
        allow(json!("kms:GenerateDataKey")),
    ];
    let alice = h.a_user("alice", Some(&policy(&writes))).await;
    let body = json!({
        "SecretId": "db", "SecretString": "hunter2", "ClientRequestToken": token(0),
    });

    let reply = h.call_as(&alice, "PutSecretValue", body.clone()).await;
    reply.refused("AccessDeniedException", NOT_ALLOWED);
    h.call("PutSecretValue", body).await.ok();
    let new = json!({ "SecretId": "db", "SecretString": "x", "ClientRequestToken": token(1) });
    h.call_as(&alice, "PutSecretValue", new).await.ok();
}

#[tokio::test]
async fn the_default_key_needs_no_leave_and_heeds_a_denial() {
    let h = Harness::new().await;
    h.a_secret("db", "hunter2").await;
    let reads = allow(json!("secretsmanager:GetSecretValue"));
    let alice = h
        .a_user("alice", Some(&policy(std::slice::from_ref(&reads))))
        .await;
    let name = ("UserName", "alice");
    let document = policy(&[allow(json!("secretsmanager:*"))]).to_string();
    let bound = [("PolicyName", "bound"), ("PolicyDocument", &document)];
    h.iam("CreatePolicy", &bound).await.xml_ok();
    let bound = (
        "PermissionsBoundary",
        "arn:aws:iam::123456789012:policy/bound",
    );

    assert_eq!(
        read_as(&h, &alice, "db").await.ok()["SecretString"],
        "hunter2"
    );
    h.iam("PutUserPermissionsBoundary", &[name, bound])
        .await
        .xml_ok();
    assert_eq!(
        read_as(&h, &alice, "db").await.ok()["SecretString"],
        "hunter2"
    );
    let denial = json!({ "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*" });
    h.allow("alice", &policy(&[reads, denial])).await;
    read_as(&h, &alice, "db")
        .await
        .refused("AccessDeniedException", NOT_ALLOWED);
}

#[tokio::test]
async fn an_alias_means_the_key_that_it_names_at_the_time() {
    let h = Harness::new().await;
    let (old, new) = (h.a_key().await, h.a_key().await);
    let alias = |operation, key: &str| {
        let body = json!({ "AliasName": "alias/mine", "TargetKeyId": key });
        h.kms(operation, body)
    };
    alias("CreateAlias", &old).await.ok();
    a_secret_under(&h, "alias/mine", "hunter2").await;
    alias("UpdateAlias", &new).await.ok();
    h.clock.advance_seconds(1);

    h.put("db", 1, "new", Value::Null).await;

    assert_eq!(h.describe("db").await["KmsKeyId"], "alias/mine");
    assert_eq!(keys_of_versions(&h).await, [json!([old]), json!([new])]);
    rekey(&h, "alias/mine").await.ok();
    assert_eq!(
        keys_of_versions(&h).await,
        [json!([new, old]), json!([new])]
    );
    assert_eq!(h.value("db").await, "new");
}

/// A key of a third account, lent to the first for every use, and the ARN of an alias of it.
async fn a_lent_alias(h: &Harness, third: &Caller) -> (String, String) {
    let created = h.kms_as(third, "CreateKey", json!({})).await.ok();
    let key = created["KeyMetadata"]["Arn"].as_str().unwrap();
    let body = json!({ "AliasName": "alias/lent", "TargetKeyId": key });
    h.kms_as(third, "CreateAlias", body).await.ok();
    let of = |account: &str| {
        let principal = json!({ "Principal": { "AWS": account } });
        with(allow(json!("kms:*")), principal)
    };
    let text = policy(&[of("999988887777"), of("123456789012")]).to_string();
    let put = json!({ "KeyId": key, "Policy": text });
    h.kms_as(third, "PutKeyPolicy", put).await.ok();
    let alias = "arn:aws:kms:us-east-1:999988887777:alias/lent";
    (key.to_owned(), alias.to_owned())
}

#[tokio::test]
async fn the_alias_of_a_third_account_wraps_once_however_often_it_is_chosen() {
    let h = Harness::new().await;
    let third = h.another_account("999988887777").await;
    let (lent, alias) = a_lent_alias(&h, &third).await;
    let own = h.a_key().await;
    a_secret_under(&h, &own, "hunter2").await;

    for _ in 0..21 {
        rekey(&h, &alias).await.ok();
    }

    assert_eq!(h.describe("db").await["KmsKeyId"], alias);
    assert_eq!(keys_of_versions(&h).await, [json!([lent, own])]);
    h.kms_as(&third, "DisableKey", json!({ "KeyId": lent }))
        .await
        .ok();
    assert_eq!(h.value("db").await, "hunter2");
}

#[tokio::test]
async fn a_denial_for_a_key_holds_for_the_aliases_of_a_third_account() {
    let h = Harness::new().await;
    let third = h.another_account("999988887777").await;
    let (lent, alias) = a_lent_alias(&h, &third).await;
    h.a_secret("db", "hunter2").await;
    let is_lent = json!({ "ArnEquals": { "secretsmanager:KmsKeyArn": lent } });
    let denial = json!({
        "Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*", "Condition": is_lent,
    });
    let all = policy(&[allow(json!("*"))]);
    let alice = h.a_user("alice", Some(&all)).await;
    let create = json!({ "Name": "new", "KmsKeyId": alias, "ClientRequestToken": token(1) });
    let update = json!({ "SecretId": "db", "KmsKeyId": alias });

    h.allow("alice", &policy(&[allow(json!("*")), denial]))
        .await;
    for (operation, body) in [("CreateSecret", &create), ("UpdateSecret", &update)] {
        let refused = h.call_as(&alice, operation, body.clone()).await.json();
        assert_eq!(refused["__type"], "AccessDeniedException");
        let text = refused["Message"].as_str().unwrap();
        assert!(
            text.contains("with an explicit deny in an identity-based policy"),
            "{text}"
        );
    }
    h.allow("alice", &all).await;
    for (operation, body) in [("CreateSecret", create), ("UpdateSecret", update)] {
        h.call_as(&alice, operation, body).await.ok();
    }
}

#[tokio::test]
async fn an_alias_of_a_third_account_that_the_caller_may_not_use_is_refused_there_or_not() {
    let h = Harness::new().await;
    let third = h.another_account("999988887777").await;
    let created = h.kms_as(&third, "CreateKey", json!({})).await.ok();
    let key = created["KeyMetadata"]["KeyId"].clone();
    let body = json!({ "AliasName": "alias/closed", "TargetKeyId": key });
    h.kms_as(&third, "CreateAlias", body).await.ok();
    h.a_secret("db", "hunter2").await;
    let before = h.everything().await;

    for name in ["closed", "none"] {
        let alias = format!("arn:aws:kms:us-east-1:999988887777:alias/{name}");
        let create = json!({ "Name": "new", "KmsKeyId": alias, "ClientRequestToken": token(1) });
        let update = json!({ "SecretId": "db", "KmsKeyId": alias });
        for (operation, body) in [("CreateSecret", create), ("UpdateSecret", update)] {
            let reply = h.call(operation, body).await;
            reply.refused("AccessDeniedException", NOT_ALLOWED);
            let refused = h.audit.named("GenerateDataKey").pop().unwrap();
            assert_eq!(refused["errorCode"], "AccessDeniedException");
            let text = refused["errorMessage"].as_str().unwrap();
            assert!(text.contains(&alias), "{text}");
        }
    }

    assert_eq!(h.everything().await, before);
}

#[tokio::test]
async fn a_condition_on_the_alias_holds_for_a_key_that_was_looked_up_before() {
    let h = Harness::new().await;
    let key = h.a_key().await;
    let body = json!({ "AliasName": "alias/mine", "TargetKeyId": key });
    h.kms("CreateAlias", body).await.ok();
    let by_alias = json!({ "StringEquals": { "kms:RequestAlias": "alias/mine" } });
    let makes = with(
        allow(json!("kms:GenerateDataKey")),
        json!({ "Condition": by_alias }),
    );
    let statements = [allow(json!(["secretsmanager:*", "kms:Decrypt"])), makes];
    let alice = h.a_user("alice", Some(&policy(&statements))).await;
    let create = |named: &str| {
        let body = json!({ "Name": "db", "SecretString": "x", "KmsKeyId": named,
                           "ClientRequestToken": token(1) });
        h.call_as(&alice, "CreateSecret", body)
    };

    let by_key = create(&key).await;
    let by_alias = create("alias/mine").await;

    by_key.refused("AccessDeniedException", NOT_ALLOWED);
    by_alias.ok();
    assert_eq!(keys_of_versions(&h).await, [json!([key])]);
}

#[tokio::test]
async fn the_alias_of_a_third_account_is_not_taken_for_the_default_key() {
    let h = Harness::new().await;
    let third = h.another_account("999988887777").await;
    let (lent, alias) = a_lent_alias(&h, &third).await;
    h.a_secret("db", "hunter2").await;

    rekey(&h, &alias).await.ok();

    let both = json!([lent, "DefaultEncryptionKey"]);
    assert_eq!(keys_of_versions(&h).await, [both]);
    assert_eq!(h.value("db").await, "hunter2");
}
