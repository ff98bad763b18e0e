use super::kit::{
    NO_ROLE, NOW, READER, ROLE, a_role, assert_denied, assert_refused, encoded, the_role, trust,
};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_role_is_shown_in_full() {
    let h = Harness::new().await;
    a_role(&h).await;

    let role = the_role(&h).await;

    let expected = json!({
        "Path": "/team/", "RoleName": "Reader", "RoleId": role["RoleId"], "Arn": ROLE,
        "CreateDate": NOW, "AssumeRolePolicyDocument": encoded(&trust()),
        "Description": "reads one secret", "MaxSessionDuration": "3600",
        "Tags": [{ "Key": "Team", "Value": "red" }], "RoleLastUsed": "",
    });
    assert_eq!(role, expected);
}

#[tokio::test]
async fn a_name_is_found_in_any_case() {
    let h = Harness::new().await;
    a_role(&h).await;

    let told = super::told(&h, "GetRole", &[("RoleName", "rEADER")]).await;

    assert_eq!(told["Role"], the_role(&h).await);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [READER];
    assert_refused(&h, "GetRole", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [READER];
    assert_denied("GetRole", &parameters, "role Reader", None).await;
}
