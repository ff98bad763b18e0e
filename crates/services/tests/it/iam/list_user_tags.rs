use super::{a_plain_user, assert_denied, assert_refused, pages, told};
use serde_json::json;
use testkit::Harness;

const ALICE: (&str, &str) = ("UserName", "alice");

#[tokio::test]
async fn tags_are_listed_in_their_order_and_in_pages() {
    let h = Harness::new().await;
    let parameters = [
        ALICE,
        ("Tags.member.1.Key", "b"),
        ("Tags.member.1.Value", "1"),
        ("Tags.member.2.Key", "a"),
        ("Tags.member.2.Value", "2"),
        ("Tags.member.3.Key", "c"),
        ("Tags.member.3.Value", ""),
    ];
    h.iam("CreateUser", &parameters).await.xml_ok();

    let all = told(&h, "ListUserTags", &[ALICE]).await;
    let paged = pages(&h, "ListUserTags", &[ALICE], "Tags", "2").await;

    let [b, a, c] = [("b", "1"), ("a", "2"), ("c", "")]
        .map(|(key, value)| json!({ "Key": key, "Value": value }));
    assert_eq!(all, json!({ "Tags": [b, a, c], "IsTruncated": "false" }));
    assert_eq!(paged, [json!([b, a]), json!([c])]);
}

#[tokio::test]
async fn a_user_without_tags_has_an_empty_list() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    let none = told(&h, "ListUserTags", &[ALICE]).await;

    assert_eq!(none, json!({ "Tags": "", "IsTruncated": "false" }));
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name alice cannot be found.";
    assert_refused(&h, "ListUserTags", &[ALICE], (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    assert_denied(&h, "ListUserTags", &[ALICE], "user alice").await;
}
