use super::kit::{NO_ROLE, READER, a_role, assert_denied, assert_refused};
use super::told;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_role_has_none() {
    let h = Harness::new().await;
    a_role(&h).await;

    let told = told(&h, "ListInstanceProfilesForRole", &[READER]).await;

    assert_eq!(
        told,
        json!({ "InstanceProfiles": "", "IsTruncated": "false" })
    );
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [READER];
    assert_refused(&h, "ListInstanceProfilesForRole", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [READER];
    assert_denied(
        "ListInstanceProfilesForRole",
        &parameters,
        "role Reader",
        None,
    )
    .await;
}
