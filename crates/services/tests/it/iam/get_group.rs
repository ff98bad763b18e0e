use super::{a_group, a_plain_user, arn, assert_denied, assert_refused, pages, told};
use serde_json::{Value, json};
use testkit::Harness;

const READERS: (&str, &str) = ("GroupName", "Readers");

#[tokio::test]
async fn a_group_is_told_with_its_members() {
    let h = Harness::new().await;
    let alice = told(&h, "CreateUser", &[("UserName", "Alice")]).await;
    a_group(&h, "readers", &["aLICE"]).await;

    let group = told(&h, "GetGroup", &[READERS]).await;

    assert_eq!(
        group,
        json!({
            "Group": {
                "Path": "/",
                "GroupName": "readers",
                "GroupId": group["Group"]["GroupId"],
                "Arn": arn("group/readers"),
                "CreateDate": "2026-01-15T12:00:00Z",
            },
            "Users": [alice["User"]],
            "IsTruncated": "false",
        })
    );
}

#[tokio::test]
async fn members_come_by_name_and_in_pages() {
    let h = Harness::new().await;
    for name in ["c", "B", "a", "outside"] {
        a_plain_user(&h, name).await;
    }
    a_group(&h, "Readers", &["c", "B", "a"]).await;
    a_group(&h, "Readers2", &["outside"]).await;

    let paged = pages(&h, "GetGroup", &[READERS], "Users", "2").await;

    let names = |page: &Value| {
        let users = page.as_array().unwrap();
        users.iter().map(|user| user["UserName"].clone()).collect()
    };
    let paged: Vec<Vec<Value>> = paged.iter().map(names).collect();
    assert_eq!(paged, [vec!["a", "B"], vec!["c"]]);
}

#[tokio::test]
async fn a_marker_of_another_group_is_refused() {
    let h = Harness::new().await;
    for name in ["a", "b"] {
        a_plain_user(&h, name).await;
    }
    a_group(&h, "Readers", &["a", "b"]).await;
    a_group(&h, "others", &["a", "b"]).await;
    let page = told(&h, "GetGroup", &[READERS, ("MaxItems", "1")]).await;

    let marker = ("Marker", page["Marker"].as_str().unwrap());
    let refusal = (400, "ValidationError", "Invalid Marker.");
    let others = [("GroupName", "others"), marker];
    assert_refused(&h, "GetGroup", &others, refusal).await;
}

#[tokio::test]
async fn an_unknown_group_is_told_so() {
    let h = Harness::new().await;

    let text = "The group with name Readers cannot be found.";
    assert_refused(&h, "GetGroup", &[READERS], (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = Harness::new().await;
    a_group(&h, "Readers", &[]).await;

    assert_denied(&h, "GetGroup", &[READERS], "group Readers").await;
}
