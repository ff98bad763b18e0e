use super::done;
use super::kit::{NO_ROLE, READER, a_role, assert_denied, assert_refused, the_role};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn tags_are_added_and_replaced_in_any_case() {
    let h = Harness::new().await;
    a_role(&h).await;
    let mut expected = the_role(&h).await;

    let parameters = [
        READER,
        ("Tags.member.1.Key", "env"),
        ("Tags.member.1.Value", "test"),
        ("Tags.member.2.Key", "TEAM"),
        ("Tags.member.2.Value", "blue"),
    ];
    done(&h, "TagRole", &parameters).await;

    expected["Tags"] =
        json!([{ "Key": "env", "Value": "test" }, { "Key": "TEAM", "Value": "blue" }]);
    assert_eq!(the_role(&h).await, expected);
}

#[tokio::test]
async fn reserved_and_repeated_keys_change_nothing() {
    let h = Harness::new().await;
    a_role(&h).await;

    for (keys, text) in [
        (
            ["a", "aws:b"],
            "System tags cannot be added/updated by requester",
        ),
        (
            ["a", "A"],
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
    ] {
        let parameters = [
            READER,
            ("Tags.member.1.Key", keys[0]),
            ("Tags.member.1.Value", "x"),
            ("Tags.member.2.Key", keys[1]),
            ("Tags.member.2.Value", "y"),
        ];
        assert_refused(&h, "TagRole", &parameters, (400, "InvalidInput", text)).await;
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_found() {
    let h = Harness::new().await;

    let parameters = [
        READER,
        ("Tags.member.1.Key", "a"),
        ("Tags.member.1.Value", "b"),
    ];
    assert_refused(&h, "TagRole", &parameters, NO_ROLE).await;
}

#[tokio::test]
async fn denied_caller_changes_nothing() {
    let parameters = [
        READER,
        ("Tags.member.1.Key", "a"),
        ("Tags.member.1.Value", "b"),
    ];
    assert_denied("TagRole", &parameters, "role Reader", None).await;
}
