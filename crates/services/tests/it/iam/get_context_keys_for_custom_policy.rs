use super::kit::assert_denied;
use super::told;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn keys_of_conditions_and_variables_are_told_once() {
    let h = Harness::new().await;
    let statement = |key: &str| {
        json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow", "Action": "s3:A", "Resource": "arn:aws:s3:::b/${aws:username}",
                "Condition": { "StringEquals": { key: "x" } },
            },
        })
        .to_string()
    };
    let (one, two) = (statement("aws:TagKeys"), statement("AWS:tagkeys"));

    let parameters = [
        ("PolicyInputList.member.1", one.as_str()),
        ("PolicyInputList.member.2", &two),
    ];
    let told = told(&h, "GetContextKeysForCustomPolicy", &parameters).await;

    assert_eq!(
        told,
        json!({ "ContextKeyNames": ["aws:TagKeys", "aws:username"] })
    );
}

#[tokio::test]
async fn what_is_no_policy_is_refused() {
    let h = Harness::new().await;

    let refused = h
        .iam(
            "GetContextKeysForCustomPolicy",
            &[("PolicyInputList.member.1", "[]")],
        )
        .await;

    let text = "PolicyInputList.1: a policy is not an object (line 1, column 1)";
    refused.xml_refused(400, "InvalidInput", text);
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyInputList.member.1", "{}")];
    assert_denied("GetContextKeysForCustomPolicy", &parameters, "*", None).await;
}
