use super::kit::{
    NO_POLICY, POLICY, READER, THE_POLICY, a_policy, a_role, assert_denied, assert_refused,
    attached, the_role,
};
use super::{done, pages, told};
use serde_json::json;
use testkit::Harness;

async fn used_by_all(h: &Harness) {
    a_policy(h).await;
    a_role(h).await;
    attached(h).await;
    done(
        h,
        "PutRolePermissionsBoundary",
        &[READER, ("PermissionsBoundary", POLICY)],
    )
    .await;
    h.iam("CreateUser", &[("UserName", "alice")]).await.xml_ok();
    let boundary = [("UserName", "alice"), ("PermissionsBoundary", POLICY)];
    done(h, "PutUserPermissionsBoundary", &boundary).await;
    h.iam("CreateGroup", &[("GroupName", "team")])
        .await
        .xml_ok();
    done(
        h,
        "AttachGroupPolicy",
        &[("GroupName", "team"), ("PolicyArn", POLICY)],
    )
    .await;
}

#[tokio::test]
async fn identities_are_told_once_by_kind() {
    let h = Harness::new().await;
    used_by_all(&h).await;

    let told = told(&h, "ListEntitiesForPolicy", &[("PolicyArn", POLICY)]).await;

    let role_id = the_role(&h).await["RoleId"].take();
    let expected = json!({
        "PolicyGroups": [{ "GroupName": "team", "GroupId": told["PolicyGroups"][0]["GroupId"] }],
        "PolicyUsers": [{ "UserName": "alice", "UserId": told["PolicyUsers"][0]["UserId"] }],
        "PolicyRoles": [{ "RoleName": "Reader", "RoleId": role_id }],
        "IsTruncated": "false",
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn filters_go_by_kind_path_and_use() {
    let h = Harness::new().await;
    used_by_all(&h).await;

    for (filter, groups, users, roles) in [
        (("EntityFilter", "Group"), 1, 0, 0),
        (("EntityFilter", "User"), 0, 1, 0),
        (("EntityFilter", "Role"), 0, 0, 1),
        (("EntityFilter", "LocalManagedPolicy"), 0, 0, 0),
        (("PathPrefix", "/team/"), 0, 0, 1),
        (("PolicyUsageFilter", "PermissionsPolicy"), 1, 0, 1),
        (("PolicyUsageFilter", "PermissionsBoundary"), 0, 1, 1),
    ] {
        let told = told(
            &h,
            "ListEntitiesForPolicy",
            &[("PolicyArn", POLICY), filter],
        )
        .await;
        let count = |list: &str| super::items(told[list].clone()).len();
        assert_eq!(
            (
                count("PolicyGroups"),
                count("PolicyUsers"),
                count("PolicyRoles")
            ),
            (groups, users, roles),
            "{filter:?}"
        );
    }
}

#[tokio::test]
async fn pages_have_every_identity_once() {
    let h = Harness::new().await;
    used_by_all(&h).await;

    let mut seen = Vec::new();
    for (list, name) in [
        ("PolicyGroups", "GroupName"),
        ("PolicyUsers", "UserName"),
        ("PolicyRoles", "RoleName"),
    ] {
        let parameters = [("PolicyArn", POLICY)];
        let pages = pages(&h, "ListEntitiesForPolicy", &parameters, list, "1").await;
        for one in pages.into_iter().flat_map(super::items) {
            seen.push(one[name].as_str().unwrap().to_owned());
        }
    }

    assert_eq!(seen, ["team", "alice", "Reader"]);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY)];
    assert_refused(&h, "ListEntitiesForPolicy", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY)];
    assert_denied("ListEntitiesForPolicy", &parameters, THE_POLICY, None).await;
}
