use super::{a_group, arn, assert_denied, assert_refused, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_group_is_told_whole() {
    let h = Harness::new().await;

    let parameters = [("Path", "/team/"), ("GroupName", "Readers")];
    let created = told(&h, "CreateGroup", &parameters).await;
    let plain = told(&h, "CreateGroup", &[("GroupName", "writers")]).await;

    let id = created["Group"]["GroupId"].as_str().unwrap();
    assert!(id.starts_with("AGPA") && id.len() == 21, "{id}");
    assert_eq!(
        created,
        json!({
            "Group": {
                "Path": "/team/",
                "GroupName": "Readers",
                "GroupId": id,
                "Arn": arn("group/team/Readers"),
                "CreateDate": "2026-01-15T12:00:00Z",
            },
        })
    );
    assert_eq!(plain["Group"]["Arn"], arn("group/writers"));
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case_and_path() {
    let h = Harness::new().await;
    a_group(&h, "Readers", &[]).await;

    let text = "Group with name readers already exists.";
    let again = [("GroupName", "readers"), ("Path", "/other/")];
    assert_refused(
        &h,
        "CreateGroup",
        &again,
        (409, "EntityAlreadyExists", text),
    )
    .await;
}

#[tokio::test]
async fn a_user_and_a_group_may_have_the_same_name() {
    let h = Harness::new().await;
    a_group(&h, "x", &[]).await;

    h.iam("CreateUser", &[("UserName", "x")]).await.xml_ok();
}

#[tokio::test]
async fn an_account_has_300_groups_at_most() {
    let h = Harness::new().await;
    for n in 0..300 {
        a_group(&h, &format!("g{n}"), &[]).await;
    }

    let more = h.iam("CreateGroup", &[("GroupName", "more")]).await;

    let text = "Cannot exceed quota for this kind of entity in the account.";
    more.xml_refused(409, "LimitExceeded", text);
    h.iam("DeleteGroup", &[("GroupName", "g0")]).await.xml_ok();
    a_group(&h, "more", &[]).await;
}

#[tokio::test]
async fn a_denied_caller_makes_no_group() {
    let h = Harness::new().await;

    let new = [("GroupName", "new"), ("Path", "/team/")];
    assert_denied(&h, "CreateGroup", &new, &arn("group/team/new")).await;
}
