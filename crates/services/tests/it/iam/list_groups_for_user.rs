use super::{a_group, a_plain_user, arn, assert_denied, assert_refused, pages, told};
use serde_json::{Value, json};
use testkit::Harness;

const ACTION: &str = "ListGroupsForUser";
const ALICE: (&str, &str) = ("UserName", "alice");

#[tokio::test]
async fn groups_come_in_the_order_of_joining_and_in_pages() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    a_group(&h, "others", &[]).await;
    for name in ["c", "a", "b"] {
        a_group(&h, name, &["alice"]).await;
    }

    let all = told(&h, ACTION, &[ALICE]).await;
    let paged = pages(&h, ACTION, &[ALICE], "Groups", "2").await;

    let names = |page: &Value| -> Vec<Value> {
        let groups = page.as_array().unwrap();
        groups
            .iter()
            .map(|group| group["GroupName"].clone())
            .collect()
    };
    assert_eq!(names(&all["Groups"]), ["c", "a", "b"]);
    let first = &all["Groups"][0];
    assert_eq!(
        *first,
        json!({
            "Path": "/",
            "GroupName": "c",
            "GroupId": first["GroupId"],
            "Arn": arn("group/c"),
            "CreateDate": "2026-01-15T12:00:00Z",
        })
    );
    let paged: Vec<Vec<Value>> = paged.iter().map(names).collect();
    assert_eq!(paged, [vec!["c", "a"], vec!["b"]]);
}

#[tokio::test]
async fn who_is_in_none_has_an_empty_list() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    let none = told(&h, ACTION, &[ALICE]).await;

    assert_eq!(none, json!({ "Groups": "", "IsTruncated": "false" }));
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name alice cannot be found.";
    assert_refused(&h, ACTION, &[ALICE], (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    assert_denied(&h, ACTION, &[ALICE], "user alice").await;
}
