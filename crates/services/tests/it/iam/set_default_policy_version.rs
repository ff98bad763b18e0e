use super::kit::{
    NO_POLICY, POLICY, THE_POLICY, a_policy, assert_denied, assert_refused, the_policy,
};
use super::{ADMIN, allowing, done};
use testkit::Harness;

#[tokio::test]
async fn the_version_counts_on_the_next_request() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let alice = h.a_user("alice", None).await;
    done(
        &h,
        "AttachUserPolicy",
        &[("UserName", "alice"), ("PolicyArn", POLICY)],
    )
    .await;
    let text = allowing(&["iam:ListUsers"]).to_string();
    let parameters = [("PolicyArn", POLICY), ("PolicyDocument", text.as_str())];
    h.iam("CreatePolicyVersion", &parameters).await.xml_ok();

    for (id, status) in [("v2", 200), ("v1", 403)] {
        done(
            &h,
            "SetDefaultPolicyVersion",
            &[("PolicyArn", POLICY), ("VersionId", id)],
        )
        .await;
        assert_eq!(the_policy(&h).await["DefaultVersionId"], id);
        assert_eq!(h.iam_as(&alice, "ListUsers", &[]).await.status, status);
    }
}

#[tokio::test]
async fn a_version_that_is_not_there_cannot_be_found() {
    let h = Harness::new().await;
    a_policy(&h).await;

    let parameters = [("PolicyArn", POLICY), ("VersionId", "v2")];
    let text = format!("Policy {POLICY} version v2 does not exist or is not attachable.");
    let expected = (404, "NoSuchEntity", text.as_str());
    assert_refused(&h, "SetDefaultPolicyVersion", &parameters, expected).await;
}

#[tokio::test]
async fn a_policy_of_aws_is_nobodys_to_change() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", ADMIN), ("VersionId", "v1")];
    let text = format!(
        "User: arn:aws:iam::123456789012:root is not authorized to perform: iam:SetDefaultPolicyVersion on \
         resource: policy {ADMIN} because no resource-based policy allows the iam:SetDefaultPolicyVersion action"
    );
    assert_refused(
        &h,
        "SetDefaultPolicyVersion",
        &parameters,
        (403, "AccessDenied", &text),
    )
    .await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY), ("VersionId", "v1")];
    assert_refused(&h, "SetDefaultPolicyVersion", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY), ("VersionId", "v1")];
    assert_denied("SetDefaultPolicyVersion", &parameters, THE_POLICY, None).await;
}
