use super::kit::{
    NO_POLICY, NOW, POLICY, THE_POLICY, a_policy_with_versions, assert_denied, assert_refused,
};
use super::{pages, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn versions_are_told_newest_first_without_documents() {
    let h = Harness::new().await;
    a_policy_with_versions(&h, 2).await;

    let whole = told(&h, "ListPolicyVersions", &[("PolicyArn", POLICY)]).await;
    let parameters = [("PolicyArn", POLICY)];
    let pages = pages(&h, "ListPolicyVersions", &parameters, "Versions", "2").await;

    let version = |id: &str, is_default: &str| json!({ "VersionId": id, "IsDefaultVersion": is_default, "CreateDate": NOW });
    let all = [
        version("v3", "false"),
        version("v2", "false"),
        version("v1", "true"),
    ];
    assert_eq!(whole, json!({ "Versions": all, "IsTruncated": "false" }));
    assert_eq!(pages, [json!(all[..2]), json!(all[2..])]);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY)];
    assert_refused(&h, "ListPolicyVersions", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY)];
    assert_denied("ListPolicyVersions", &parameters, THE_POLICY, None).await;
}
