use super::kit::{
    NO_POLICY, NOW, POLICY, THE_POLICY, a_policy, a_policy_with_versions, a_role, assert_denied,
    assert_refused, attached, document, the_policy,
};
use super::{ADMIN, allowing, done, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_version_is_kept_but_not_in_force() {
    let h = Harness::new().await;
    a_policy(&h).await;
    h.clock.advance_seconds(60);
    let text = document("s3:B");

    let parameters = [("PolicyArn", POLICY), ("PolicyDocument", text.as_str())];
    let told = told(&h, "CreatePolicyVersion", &parameters).await;

    let later = "2026-01-15T12:01:00Z";
    let expected = json!({ "VersionId": "v2", "IsDefaultVersion": "false", "CreateDate": later });
    assert_eq!(told["PolicyVersion"], expected);
    let policy = the_policy(&h).await;
    assert_eq!(
        (
            &policy["DefaultVersionId"],
            &policy["CreateDate"],
            &policy["UpdateDate"]
        ),
        (&json!("v1"), &json!(NOW), &json!(later))
    );
}

#[tokio::test]
async fn a_version_in_force_counts_on_the_next_request() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let alice = h.a_user("alice", None).await;
    let attach = [("UserName", "alice"), ("PolicyArn", POLICY)];
    done(&h, "AttachUserPolicy", &attach).await;
    assert_eq!(h.iam_as(&alice, "ListUsers", &[]).await.status, 403);

    let text = allowing(&["iam:ListUsers"]).to_string();
    let parameters = [
        ("PolicyArn", POLICY),
        ("PolicyDocument", text.as_str()),
        ("SetAsDefault", "true"),
    ];
    let told = told(&h, "CreatePolicyVersion", &parameters).await;

    assert_eq!(told["PolicyVersion"]["IsDefaultVersion"], "true");
    assert_eq!(h.iam_as(&alice, "ListUsers", &[]).await.status, 200);
}

#[tokio::test]
async fn five_versions_are_the_most_and_numbers_are_not_used_again() {
    let h = Harness::new().await;
    a_policy_with_versions(&h, 4).await;
    let text = document("s3:B");
    let parameters = [("PolicyArn", POLICY), ("PolicyDocument", text.as_str())];

    let most = "A managed policy can have up to 5 versions. Before you create a new version, you \
                must delete an existing version.";
    let expected = (409, "LimitExceeded", most);
    assert_refused(&h, "CreatePolicyVersion", &parameters, expected).await;

    done(
        &h,
        "DeletePolicyVersion",
        &[("PolicyArn", POLICY), ("VersionId", "v5")],
    )
    .await;
    let told = told(&h, "CreatePolicyVersion", &parameters).await;
    assert_eq!(told["PolicyVersion"]["VersionId"], "v6");
}

#[tokio::test]
async fn what_is_no_policy_changes_nothing() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    attached(&h).await;

    let parameters = [("PolicyArn", POLICY), ("PolicyDocument", "[]")];
    let text = "a policy is not an object (line 1, column 1)";
    let expected = (400, "MalformedPolicyDocument", text);
    assert_refused(&h, "CreatePolicyVersion", &parameters, expected).await;
}

#[tokio::test]
async fn a_policy_of_aws_is_nobodys_to_change() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", ADMIN), ("PolicyDocument", "{}")];
    let text = format!(
        "User: arn:aws:iam::123456789012:root is not authorized to perform: iam:CreatePolicyVersion on \
         resource: policy {ADMIN} because no resource-based policy allows the iam:CreatePolicyVersion action"
    );
    assert_refused(
        &h,
        "CreatePolicyVersion",
        &parameters,
        (403, "AccessDenied", &text),
    )
    .await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY), ("PolicyDocument", "{}")];
    assert_refused(&h, "CreatePolicyVersion", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY), ("PolicyDocument", "{}")];
    assert_denied("CreatePolicyVersion", &parameters, THE_POLICY, None).await;
}
