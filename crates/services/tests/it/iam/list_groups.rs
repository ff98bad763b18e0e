use super::{arn, assert_denied, assert_refused, items, pages, told};
use serde_json::{Value, json};
use testkit::Harness;

async fn a_harness() -> Harness {
    let h = Harness::new().await;
    for (name, path) in [("b", "/x/y/"), ("C", "/"), ("a", "/x/"), ("d", "/xy/")] {
        let parameters = [("GroupName", name), ("Path", path)];
        h.iam("CreateGroup", &parameters).await.xml_ok();
    }
    h
}

fn names(page: &Value) -> Vec<&str> {
    let items = page.as_array().unwrap();
    items
        .iter()
        .map(|one| one["GroupName"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn they_are_listed_by_name_whatever_its_case() {
    let h = a_harness().await;

    let all = told(&h, "ListGroups", &[]).await;

    assert_eq!(names(&all["Groups"]), ["a", "b", "C", "d"]);
    assert_eq!(all["IsTruncated"], "false");
    let first = &all["Groups"][0];
    assert_eq!(
        *first,
        json!({
            "Path": "/x/",
            "GroupName": "a",
            "GroupId": first["GroupId"],
            "Arn": arn("group/x/a"),
            "CreateDate": "2026-01-15T12:00:00Z",
        })
    );
}

#[tokio::test]
async fn pages_of_any_size_have_everything_once() {
    let h = a_harness().await;

    for size in ["1", "2", "3", "4", "1000"] {
        let paged = pages(&h, "ListGroups", &[], "Groups", size).await;
        let all: Vec<&str> = paged.iter().flat_map(names).collect();
        assert_eq!(all, ["a", "b", "C", "d"]);
    }
}

#[tokio::test]
async fn a_path_prefix_chooses() {
    let h = a_harness().await;

    let below = told(&h, "ListGroups", &[("PathPrefix", "/x/")]).await;
    let beside = told(&h, "ListGroups", &[("PathPrefix", "/x")]).await;
    let none = told(&h, "ListGroups", &[("PathPrefix", "/z")]).await;
    let paged = pages(&h, "ListGroups", &[("PathPrefix", "/xy")], "Groups", "1").await;

    assert_eq!(names(&below["Groups"]), ["a", "b"]);
    assert_eq!(names(&beside["Groups"]), ["a", "b", "d"]);
    assert_eq!(none, json!({ "Groups": "", "IsTruncated": "false" }));
    let paged: Vec<Value> = paged.into_iter().flat_map(items).collect();
    assert_eq!(names(&Value::Array(paged)), ["d"]);
}

#[tokio::test]
async fn a_marker_of_another_question_is_refused() {
    let h = a_harness().await;
    let page = told(&h, "ListGroups", &[("MaxItems", "1")]).await;
    let marker = ("Marker", page["Marker"].as_str().unwrap());

    let refusal = (400, "ValidationError", "Invalid Marker.");
    let other = [("PathPrefix", "/x/"), marker];
    assert_refused(&h, "ListGroups", &other, refusal).await;
    assert_refused(&h, "ListGroups", &[("Marker", "x")], refusal).await;
    let elsewhere = h.another_account("999988887777").await;
    let elsewhere = h.iam_as(&elsewhere, "ListGroups", &[marker]).await;
    elsewhere.xml_refused(400, "ValidationError", "Invalid Marker.");
}

#[tokio::test]
async fn an_account_lists_its_own() {
    let h = a_harness().await;
    let other = h.another_account("999988887777").await;

    let listed = h.iam_as(&other, "ListGroups", &[]).await.xml_ok();

    let none = json!({ "Groups": "", "IsTruncated": "false" });
    assert_eq!(listed["ListGroupsResult"], none);
}

#[tokio::test]
async fn a_denied_caller_learns_nothing() {
    let h = a_harness().await;

    assert_denied(&h, "ListGroups", &[], &arn("group/")).await;
}

#[tokio::test]
async fn what_is_asked_for_is_the_path() {
    let h = a_harness().await;

    let prefix = [("PathPrefix", "/x/")];
    assert_denied(&h, "ListGroups", &prefix, &arn("group/x/")).await;
}
