use super::kit::*;
use serde_json::{Value, json};
use testkit::{Harness, with};

#[tokio::test]
async fn other_kinds_of_keys_are_refused_as_what_is_not_there_yet() {
    let h = Harness::new().await;

    for (body, what) in [
        (json!({ "KeySpec": "RSA_2048" }), "KeySpec RSA_2048"),
        (
            json!({ "CustomerMasterKeySpec": "HMAC_256" }),
            "KeySpec HMAC_256",
        ),
        (
            json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" }),
            "KeySpec ECC_NIST_P256",
        ),
        (json!({ "Origin": "EXTERNAL" }), "Origin EXTERNAL"),
        (json!({ "MultiRegion": true }), "MultiRegion"),
        (json!({ "CustomKeyStoreId": "cks-1" }), "CustomKeyStoreId"),
        (json!({ "XksKeyId": "key-1" }), "XksKeyId"),
    ] {
        let reply = h.kms("CreateKey", body).await;
        let text = format!("{what} is not supported by this server yet.");
        reply.refused("UnsupportedOperationException", &text);
    }
}

#[tokio::test]
async fn parameters_that_exclude_each_other_are_refused() {
    let h = Harness::new().await;

    let both =
        json!({ "KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT" });
    h.kms("CreateKey", both).await.refused(
        "ValidationException",
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
         CustomerMasterKeySpec is deprecated.",
    );
    h.kms("CreateKey", json!({ "KeyUsage": "SIGN_VERIFY" }))
        .await
        .refused(
            "ValidationException",
            "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
        );
}

#[tokio::test]
async fn the_event_names_the_new_key() {
    let h = Harness::new().await;

    let reply = h.kms("CreateKey", json!({ "Description": "d" })).await;

    let metadata = &reply.ok()["KeyMetadata"];
    let event = &h.audit.events_of(&reply.request_id)[0];
    assert_eq!(event["eventSource"], "kms.amazonaws.com");
    assert_eq!(event["readOnly"], false);
    assert_eq!(event["requestParameters"], json!({ "description": "d" }));
    assert_eq!(
        event["responseElements"]["keyMetadata"]["arn"],
        metadata["Arn"]
    );
    let resource = json!({
        "accountId": "123456789012", "type": "AWS::KMS::Key", "ARN": metadata["Arn"],
    });
    assert_eq!(event["resources"], Value::Array(vec![resource]));
}

#[tokio::test]
async fn who_may_create_needs_leave_to_tag_as_well() {
    let h = Harness::new().await;
    let alice = "arn:aws:iam::123456789012:user/alice";
    let allowed = policy(&[statement("Allow", None, "kms:CreateKey")]);
    let user = h.a_user("alice", Some(&allowed)).await;

    h.kms_as(&user, "CreateKey", json!({})).await.ok();
    let tagged = json!({ "Tags": [{ "TagKey": "a", "TagValue": "" }] });
    let reply = h.kms_as(&user, "CreateKey", tagged).await;

    reply.refused(
        "AccessDeniedException",
        &format!(
            "User: {alice} is not authorized to perform: kms:TagResource because no identity-based \
             policy allows the kms:TagResource action"
        ),
    );
}

#[tokio::test]
async fn a_policy_may_keep_its_author_from_passing_by_the_check() {
    let h = Harness::new().await;
    let mut careful = statement("Allow", Some("arn:aws:iam::123456789012:root"), "kms:*");
    careful["Condition"] = json!({ "Bool": { "kms:BypassPolicyLockoutSafetyCheck": "false" } });

    let text = policy(&[careful]).to_string();
    let created = h.kms("CreateKey", json!({ "Policy": text })).await;

    let key = created.ok()["KeyMetadata"]["Arn"].clone();
    let body = json!({ "KeyId": key, "Policy": text });
    h.kms("PutKeyPolicy", body.clone()).await.ok();
    let bypassing = with(body, json!({ "BypassPolicyLockoutSafetyCheck": true }));
    let reply = h.kms("PutKeyPolicy", bypassing).await;
    assert_eq!(reply.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn tags_that_cannot_be_are_refused() {
    let h = Harness::new().await;
    let tag = |key: &str| json!({ "TagKey": key, "TagValue": "v" });
    let many: Vec<Value> = (0..51).map(|n| tag(&format!("k{n}"))).collect();

    for (tags, text) in [
        (
            json!([tag("aws:x")]),
            "aws: prefixed tag key names are not allowed for external use.",
        ),
        (
            json!([tag("a"), tag("a")]),
            "Duplicate tag keys found. Please note that Tag keys are case sensitive. Key: a",
        ),
        (
            json!([tag("a"), tag("A")]),
            "Tag keys of a key can't differ only in case. Key: A",
        ),
        (Value::Array(many), "Too many tags"),
    ] {
        let reply = h.kms("CreateKey", json!({ "Tags": tags })).await;
        reply.refused("TagException", text);
    }

    assert_eq!(h.kms("ListKeys", json!({})).await.ok()["Keys"], json!([]));
}

#[tokio::test]
async fn a_policy_that_locks_its_author_out_makes_no_key_unless_wanted() {
    let h = Harness::new().await;
    h.a_user("alice", None).await;
    let alice = "arn:aws:iam::123456789012:user/alice";
    let text = policy(&[statement("Allow", Some(alice), "kms:*")]).to_string();

    let reply = h.kms("CreateKey", json!({ "Policy": text })).await;
    reply.refused(
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
    );
    let body = json!({ "Policy": text, "BypassPolicyLockoutSafetyCheck": true });
    h.kms("CreateKey", body).await.ok();
    let unknown = text.replace("alice", "nobody");
    h.kms("CreateKey", json!({ "Policy": unknown }))
        .await
        .refused(
            "MalformedPolicyDocumentException",
            "Policy contains a statement with one or more invalid principals.",
        );

    let listed = h.kms("ListKeys", json!({})).await.ok();
    assert_eq!(listed["Keys"].as_array().map(Vec::len), Some(1));
}
