use super::{a_plain_user, allowing, arn, assert_denied, assert_refused, told};
use serde_json::{Value, json};
use testkit::Harness;

#[tokio::test]
async fn a_user_is_found_whatever_the_case_of_its_name() {
    let h = Harness::new().await;
    a_plain_user(&h, "Alice").await;

    let user = told(&h, "GetUser", &[("UserName", "aLICE")]).await;

    assert_eq!(
        user,
        json!({
            "User": {
                "Path": "/",
                "UserName": "Alice",
                "UserId": user["User"]["UserId"],
                "Arn": arn("user/Alice"),
                "CreateDate": "2026-01-15T12:00:00Z",
            },
        })
    );
}

#[tokio::test]
async fn without_a_name_it_is_the_caller() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["iam:GetUser"]))).await;

    let own = h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
    let root = told(&h, "GetUser", &[]).await;

    assert_eq!(own["GetUserResult"]["User"]["UserName"], "alice");
    assert_eq!(
        root,
        json!({
            "User": {
                "UserId": "123456789012",
                "Arn": arn("root"),
                "CreateDate": "2026-01-15T12:00:00Z",
            },
        })
    );
}

#[tokio::test]
async fn a_root_was_created_with_its_account() {
    let h = Harness::new().await;
    h.clock.advance_seconds(3_600);
    let other = h.another_account("999988887777").await;
    h.clock.advance_seconds(60);

    let first = h.iam("GetUser", &[]).await.xml_ok();
    let second = h.iam_as(&other, "GetUser", &[]).await.xml_ok();

    let created = |told: &Value| told["GetUserResult"]["User"]["CreateDate"].clone();
    assert_eq!(created(&first), "2026-01-15T12:00:00Z");
    assert_eq!(created(&second), "2026-01-15T13:00:00Z");
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name nobody cannot be found.";
    let nobody = [("UserName", "nobody")];
    assert_refused(&h, "GetUser", &nobody, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn another_account_has_users_of_its_own() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    let other = h.another_account("999988887777").await;

    let refused = h.iam_as(&other, "GetUser", &[("UserName", "alice")]).await;

    let text = "The user with name alice cannot be found.";
    refused.xml_refused(404, "NoSuchEntity", text);
}

#[tokio::test]
async fn a_denied_caller_learns_not_even_whether_the_user_is_there() {
    let h = Harness::new().await;

    let nobody = [("UserName", "nobody")];
    assert_denied(&h, "GetUser", &nobody, "user nobody").await;
}
