use super::kit::{READER, ROLE, a_role, assert_denied, assert_refused};
use super::{done, told};
use serde_json::json;
use testkit::Harness;

fn asking(key: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": "s3:A", "Resource": "*",
            "Condition": { "StringEquals": { key: "x" } },
        },
    })
    .to_string()
}

#[tokio::test]
async fn keys_of_the_identity_and_of_the_request_are_told() {
    let h = Harness::new().await;
    a_role(&h).await;
    let (own, given) = (asking("aws:SourceVpce"), asking("aws:PrincipalTag/team"));
    let inline = [
        READER,
        ("PolicyName", "p"),
        ("PolicyDocument", own.as_str()),
    ];
    done(&h, "PutRolePolicy", &inline).await;

    let parameters = [
        ("PolicySourceArn", ROLE),
        ("PolicyInputList.member.1", given.as_str()),
    ];
    let told = told(&h, "GetContextKeysForPrincipalPolicy", &parameters).await;

    let expected = json!(["aws:PrincipalTag/team", "aws:SourceVpce"]);
    assert_eq!(told, json!({ "ContextKeyNames": expected }));
}

#[tokio::test]
async fn an_identity_that_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicySourceArn", ROLE)];
    let expected = (
        404,
        "NoSuchEntity",
        "The role with name Reader cannot be found.",
    );
    assert_refused(
        &h,
        "GetContextKeysForPrincipalPolicy",
        &parameters,
        expected,
    )
    .await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let arn = super::arn("role/Reader");
    let parameters = [("PolicySourceArn", arn.as_str())];
    assert_denied("GetContextKeysForPrincipalPolicy", &parameters, &arn, None).await;
}
