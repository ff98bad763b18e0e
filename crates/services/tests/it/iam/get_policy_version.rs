use super::kit::{
    NO_POLICY, NOW, POLICY, THE_POLICY, a_policy_with_versions, assert_denied, assert_refused,
    document, encoded,
};
use super::{LAMBDA, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_version_has_its_document() {
    let h = Harness::new().await;
    a_policy_with_versions(&h, 1).await;

    let told = told(
        &h,
        "GetPolicyVersion",
        &[("PolicyArn", POLICY), ("VersionId", "v2")],
    )
    .await;

    let expected = json!({
        "Document": encoded(&document("s3:A2")), "VersionId": "v2", "IsDefaultVersion": "false",
        "CreateDate": NOW,
    });
    assert_eq!(told["PolicyVersion"], expected);
}

#[tokio::test]
async fn the_version_of_a_policy_of_aws_is_shown() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", LAMBDA), ("VersionId", "v1")];
    let told = told(&h, "GetPolicyVersion", &parameters).await;

    let version = &told["PolicyVersion"];
    assert_eq!(version["IsDefaultVersion"], "true");
    assert!(
        version["Document"]
            .as_str()
            .unwrap()
            .contains("logs%3APutLogEvents")
    );
}

#[tokio::test]
async fn a_version_that_is_not_there_cannot_be_found() {
    let h = Harness::new().await;
    a_policy_with_versions(&h, 0).await;

    for id in ["v2", "v99999999999", "v1.a"] {
        let parameters = [("PolicyArn", POLICY), ("VersionId", id)];
        let text = format!("Policy {POLICY} version {id} does not exist or is not attachable.");
        let expected = (404, "NoSuchEntity", text.as_str());
        assert_refused(&h, "GetPolicyVersion", &parameters, expected).await;
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY), ("VersionId", "v1")];
    assert_refused(&h, "GetPolicyVersion", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY), ("VersionId", "v1")];
    assert_denied("GetPolicyVersion", &parameters, THE_POLICY, None).await;
}
