use super::{a_plain_user, allowing, assert_denied, assert_refused, done, pages, told};
use serde_json::json;
use testkit::Harness;

const ACTION: &str = "ListAccessKeys";
const ALICE: (&str, &str) = ("UserName", "alice");

#[tokio::test]
async fn keys_come_oldest_first_and_in_pages_without_their_secrets() {
    let h = Harness::new().await;
    let first = h.a_user("Alice", None).await;
    h.clock.advance_seconds(1);
    let second = told(&h, "CreateAccessKey", &[ALICE]).await;
    let second = &second["AccessKey"]["AccessKeyId"];
    let inactive = [
        ALICE,
        ("AccessKeyId", first.access_key_id()),
        ("Status", "Inactive"),
    ];
    done(&h, "UpdateAccessKey", &inactive).await;

    let all = told(&h, ACTION, &[ALICE]).await;
    let paged = pages(&h, ACTION, &[ALICE], "AccessKeyMetadata", "1").await;

    let first = json!({
        "UserName": "Alice",
        "AccessKeyId": first.access_key_id(),
        "Status": "Inactive",
        "CreateDate": "2026-01-15T12:00:00Z",
    });
    let second = json!({
        "UserName": "Alice",
        "AccessKeyId": second,
        "Status": "Active",
        "CreateDate": "2026-01-15T12:00:01Z",
    });
    assert_eq!(
        all,
        json!({ "AccessKeyMetadata": [first, second], "IsTruncated": "false" })
    );
    assert_eq!(paged, [json!([first]), json!([second])]);
}

#[tokio::test]
async fn without_a_name_they_are_the_callers() {
    let h = Harness::new().await;
    let alice = h
        .a_user("alice", Some(&allowing(&["iam:ListAccessKeys"])))
        .await;

    let own = h.iam_as(&alice, ACTION, &[]).await.xml_ok();
    let roots = told(&h, ACTION, &[]).await;

    let own = &own["ListAccessKeysResult"]["AccessKeyMetadata"];
    assert_eq!(own[0]["AccessKeyId"], alice.access_key_id());
    assert_eq!(
        roots["AccessKeyMetadata"],
        json!([{
            "AccessKeyId": h.root.access_key_id(),
            "Status": "Active",
            "CreateDate": "2026-01-15T12:00:00Z",
        }])
    );
}

#[tokio::test]
async fn a_user_without_keys_has_an_empty_list() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    let none = told(&h, ACTION, &[ALICE]).await;

    assert_eq!(
        none,
        json!({ "AccessKeyMetadata": "", "IsTruncated": "false" })
    );
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
