use super::kit::{NO_POLICY, POLICY, THE_POLICY, a_policy, assert_denied, assert_refused};
use super::{done, pages, told};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn tags_are_told_page_by_page() {
    let h = Harness::new().await;
    a_policy(&h).await;
    let more = [
        ("PolicyArn", POLICY),
        ("Tags.member.1.Key", "env"),
        ("Tags.member.1.Value", ""),
        ("Tags.member.2.Key", "x"),
        ("Tags.member.2.Value", "y"),
    ];
    done(&h, "TagPolicy", &more).await;

    let whole = told(&h, "ListPolicyTags", &[("PolicyArn", POLICY)]).await;
    let pages = pages(&h, "ListPolicyTags", &[("PolicyArn", POLICY)], "Tags", "2").await;

    let tags = json!([
        { "Key": "Team", "Value": "red" },
        { "Key": "env", "Value": "" },
        { "Key": "x", "Value": "y" },
    ]);
    assert_eq!(whole, json!({ "Tags": tags, "IsTruncated": "false" }));
    let [first, second] = pages.as_slice() else {
        panic!("{pages:?}")
    };
    assert_eq!(
        (first, second),
        (&json!([tags[0], tags[1]]), &json!([tags[2]]))
    );
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [("PolicyArn", POLICY)];
    assert_refused(&h, "ListPolicyTags", &parameters, NO_POLICY).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [("PolicyArn", POLICY)];
    assert_denied("ListPolicyTags", &parameters, THE_POLICY, None).await;
}
