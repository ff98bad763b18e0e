use super::kit::*;
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn a_key_made_without_a_policy_has_the_delegating_one() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let shown = h
        .kms("GetKeyPolicy", json!({ "KeyId": id_of(&key) }))
        .await
        .ok();

    assert_eq!(shown["PolicyName"], "default");
    let text = shown["Policy"].as_str().unwrap();
    assert!(text.starts_with("{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\","));
    let read: Value = serde_json::from_str(text).unwrap();
    let expected = json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    assert_eq!(read, expected);
}

#[tokio::test]
async fn there_is_no_policy_of_another_name() {
    let h = Harness::new().await;
    let key = h.a_key().await;

    let body = json!({ "KeyId": key, "PolicyName": "other" });
    let reply = h.kms("GetKeyPolicy", body).await;

    reply.refused("NotFoundException", "No such policy exists");
}

#[tokio::test]
async fn a_key_that_is_not_there_has_none() {
    let h = Harness::new().await;

    for operation in ["GetKeyPolicy", "ListKeyPolicies"] {
        let reply = h.kms(operation, json!({ "KeyId": NO_KEY })).await;
        reply.refused(
            "NotFoundException",
            &format!("Key '{NO_KEY_ARN}' does not exist"),
        );
    }
}
