use super::kit::{NOW, a_role, assert_denied, encoded, trust};
use super::{pages, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn roles_are_listed_by_name_and_path() {
    let h = Harness::new().await;
    a_role(&h).await;
    let trust = trust();
    for name in ["b", "A"] {
        let parameters = [
            ("RoleName", name),
            ("AssumeRolePolicyDocument", trust.as_str()),
        ];
        h.iam("CreateRole", &parameters).await.xml_ok();
    }

    let all = told(&h, "ListRoles", &[]).await;
    let under = told(&h, "ListRoles", &[("PathPrefix", "/team/")]).await;

    let names: Vec<&str> = all["Roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["RoleName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["A", "b", "Reader"]);
    let role = json!({
        "Path": "/team/", "RoleName": "Reader", "RoleId": under["Roles"][0]["RoleId"],
        "Arn": "arn:aws:iam::123456789012:role/team/Reader", "CreateDate": NOW,
        "AssumeRolePolicyDocument": encoded(&trust), "Description": "reads one secret",
        "MaxSessionDuration": "3600",
    });
    assert_eq!(under, json!({ "Roles": [role], "IsTruncated": "false" }));
}

#[tokio::test]
async fn pages_have_every_role_once() {
    let h = Harness::new().await;
    let trust = trust();
    for number in 0..5 {
        let name = format!("r{number}");
        let parameters = [
            ("RoleName", name.as_str()),
            ("AssumeRolePolicyDocument", &trust),
        ];
        h.iam("CreateRole", &parameters).await.xml_ok();
    }

    let pages = pages(&h, "ListRoles", &[], "Roles", "2").await;

    let names: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.as_array().unwrap())
        .map(|role| role["RoleName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["r0", "r1", "r2", "r3", "r4"]);
}

#[tokio::test]
async fn roles_of_other_accounts_are_not_listed() {
    let h = Harness::new().await;
    a_role(&h).await;
    let other = h.another_account("210987654321").await;

    let reply = h.iam_as(&other, "ListRoles", &[]).await.xml_ok();

    assert_eq!(
        reply["ListRolesResult"],
        json!({ "Roles": "", "IsTruncated": "false" })
    );
}

#[tokio::test]
async fn a_marker_of_another_list_is_refused() {
    let h = Harness::new().await;

    let refused = h.iam("ListRoles", &[("Marker", "nonsense")]).await;

    refused.xml_refused(400, "ValidationError", "Invalid Marker.");
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PathPrefix", "/team/")];
    assert_denied("ListRoles", &parameters, &super::arn("role/team/"), None).await;
}
