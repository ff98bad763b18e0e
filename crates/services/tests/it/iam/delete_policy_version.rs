use super::kit::{
    NO_POLICY, POLICY, THE_POLICY, a_policy_with_versions, assert_denied, assert_refused,
};
use super::{ADMIN, done, told};
use testkit::Harness;

#[tokio::test]
async fn a_version_goes_and_the_others_stay() {
    let h = Harness::new().await;
    a_policy_with_versions(&h, 2).await;

    done(
        &h,
        "DeletePolicyVersion",
        &[("PolicyArn", POLICY), ("VersionId", "v2")],
    )
    .await;

    let told = told(&h, "ListPolicyVersions", &[("PolicyArn", POLICY)]).await;
    let ids: Vec<&str> = told["Versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["VersionId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["v3", "v1"]);
}

#[tokio::test]
async fn the_version_in_force_stays() {
    let h = Harness::new().await;
    a_policy_with_versions(&h, 1).await;

    let parameters = [("PolicyArn", POLICY), ("VersionId", "v1")];
    let text = "Cannot delete the default version of a policy.";
    let expected = (409, "DeleteConflict", text);
    assert_refused(&h, "DeletePolicyVersion", &parameters, expected).await;
}

#[tokio::test]
async fn a_version_that_is_not_there_cannot_be_found() {
    let h = Harness::new().await;
    a_policy_with_versions(&h, 0).await;

    let parameters = [("PolicyArn", POLICY), ("VersionId", "v2")];
    let text = format!("Policy {POLICY} version v2 does not exist or is not attachable.");
    let expected = (404, "NoSuchEntity", text.as_str());
    assert_refused(&h, "DeletePolicyVersion", &parameters, expected).await;
}

#[tokio::test]
async fn a_policy_of_aws_is_nobodys_to_change() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", ADMIN), ("VersionId", "v1")];
    let text = format!(
        "User: arn:aws:iam::123456789012:root is not authorized to perform: iam:DeletePolicyVersion on \
         resource: policy {ADMIN} because no resource-based policy allows the iam:DeletePolicyVersion action"
    );
    assert_refused(
        &h,
        "DeletePolicyVersion",
        &parameters,
        (403, "AccessDenied", &text),
    )
    .await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY), ("VersionId", "v1")];
    assert_refused(&h, "DeletePolicyVersion", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY), ("VersionId", "v1")];
    assert_denied("DeletePolicyVersion", &parameters, THE_POLICY, None).await;
}
