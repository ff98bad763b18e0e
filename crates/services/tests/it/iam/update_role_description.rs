use super::kit::{NO_ROLE, READER, a_role, assert_denied, assert_refused, the_role};
use super::told;
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn the_description_changes_and_the_role_is_told() {
    let h = Harness::new().await;
    a_role(&h).await;
    let mut expected = the_role(&h).await;
    expected["Description"] = json!("new");

    let told = told(
        &h,
        "UpdateRoleDescription",
        &[READER, ("Description", "new")],
    )
    .await;

    assert_eq!(the_role(&h).await, expected);
    expected.as_object_mut().unwrap().remove("RoleLastUsed");
    assert_eq!(told["Role"], expected);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [READER, ("Description", "x")];
    assert_refused(&h, "UpdateRoleDescription", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [READER, ("Description", "x")];
    assert_denied("UpdateRoleDescription", &parameters, "role Reader", None).await;
}
