use super::kit::{
    NO_POLICY, NOW, POLICY, READER, THE_POLICY, a_policy, a_role, assert_denied, assert_refused,
    attached, the_policy,
};
use super::{LAMBDA, done, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_policy_is_shown_with_its_uses() {
    let h = Harness::new().await;
    a_policy(&h).await;
    a_role(&h).await;
    attached(&h).await;
    done(
        &h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", POLICY)],
    )
    .await;

    let policy = the_policy(&h).await;

    let expected = json!({
        "PolicyName": "Secrets", "PolicyId": policy["PolicyId"], "Arn": POLICY,
        "Path": "/team/", "DefaultVersionId": "v1", "AttachmentCount": "1",
        "PermissionsBoundaryUsageCount": "1", "IsAttachable": "true", "CreateDate": NOW,
        "UpdateDate": NOW, "Description": "lists secrets",
        "Tags": [{ "Key": "Team", "Value": "red" }],
    });
    assert_eq!(policy, expected);
}

#[tokio::test]
async fn a_policy_of_aws_is_shown() {
    let h = Harness::new().await;

    let told = told(&h, "GetPolicy", &[("PolicyArn", LAMBDA)]).await;

    let expected = json!({
        "PolicyName": "AWSLambdaBasicExecutionRole", "PolicyId": "ANPAJNCQGXC42545SKXIK",
        "Arn": LAMBDA, "Path": "/service-role/", "DefaultVersionId": "v1",
        "AttachmentCount": "0", "PermissionsBoundaryUsageCount": "0", "IsAttachable": "true",
        "CreateDate": "2015-04-09T14:59:45Z", "UpdateDate": "2015-04-09T14:59:45Z",
        "Description": "Provides write permissions to CloudWatch Logs.",
    });
    assert_eq!(told["Policy"], expected);
}

#[tokio::test]
async fn a_policy_is_found_by_its_exact_arn_only() {
    let h = Harness::new().await;
    a_policy(&h).await;

    for arn in [
        "arn:aws:iam::123456789012:policy/Secrets",
        "arn:aws:iam::123456789012:policy/team/SECRETS",
        "arn:aws:iam::aws:policy/team/Secrets",
    ] {
        let text = format!("Policy {arn} was not found.");
        let expected = (404, "NoSuchEntity", text.as_str());
        assert_refused(&h, "GetPolicy", &[("PolicyArn", arn)], expected).await;
    }
    for arn in [
        "no ARN but long enough",
        "arn:aws:iam::123456789012:role/team/Secrets",
    ] {
        let text = format!("ARN {arn} is not valid.");
        let expected = (400, "InvalidInput", text.as_str());
        assert_refused(&h, "GetPolicy", &[("PolicyArn", arn)], expected).await;
    }
}

#[tokio::test]
async fn a_policy_of_another_account_is_denied_even_to_root() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let other = h.another_account("210987654321").await;

    let refused = h
        .iam_as(&other, "GetPolicy", &[("PolicyArn", POLICY)])
        .await;

    let text = format!(
        "User: arn:aws:iam::210987654321:root is not authorized to perform: iam:GetPolicy on \
         resource: policy {POLICY} because no resource-based policy allows the iam:GetPolicy action"
    );
    refused.xml_refused(403, "AccessDenied", &text);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY)];
    assert_refused(&h, "GetPolicy", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY)];
    assert_denied("GetPolicy", &parameters, THE_POLICY, None).await;
}
