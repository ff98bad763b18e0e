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

#[tokio::test]
async fn a_deleted_user_stands_in_the_trust_policy_by_unique_id() {
    let h = Harness::new().await;
    let gone = [("UserName", "gone")];
    super::told(&h, "CreateUser", &gone).await;
    let user = super::told(&h, "GetUser", &gone).await;
    let id = user["User"]["UserId"].as_str().unwrap().to_owned();
    let arn = super::arn("user/gone");
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "AWS": arn }, "Action": "sts:AssumeRole",
    } })
    .to_string();
    let role = [("RoleName", "lent"), ("AssumeRolePolicyDocument", &policy)];
    super::told(&h, "CreateRole", &role).await;
    h.iam("DeleteUser", &gone).await.xml_ok();

    let shown = super::told(&h, "GetRole", &[("RoleName", "lent")]).await;
    let listed = super::told(&h, "ListRoles", &[]).await;
    let details = super::told(&h, "GetAccountAuthorizationDetails", &[]).await;

    let expected = json!(encoded(&policy.replace(&arn, &id)));
    assert_eq!(shown["Role"]["AssumeRolePolicyDocument"], expected);
    assert_eq!(listed["Roles"][0]["AssumeRolePolicyDocument"], expected);
    let detail = &details["RoleDetailList"][0];
    assert_eq!(detail["AssumeRolePolicyDocument"], expected);
}
