use super::{assert_denied, assert_refused, done, told};
use serde_json::json;
use testkit::Harness;

const ALICE: (&str, &str) = ("UserName", "alice");

async fn a_harness() -> Harness {
    let h = Harness::new().await;
    let parameters = [
        ALICE,
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "a"),
        ("Tags.member.2.Key", "env"),
        ("Tags.member.2.Value", "b"),
    ];
    h.iam("CreateUser", &parameters).await.xml_ok();
    h
}

#[tokio::test]
async fn tags_go_whatever_the_case_of_their_keys() {
    let h = a_harness().await;

    let keys = [
        ALICE,
        ("TagKeys.member.1", "tEAM"),
        ("TagKeys.member.2", "none"),
    ];
    done(&h, "UntagUser", &keys).await;

    let tags = told(&h, "ListUserTags", &[ALICE]).await;
    let env = json!({ "Key": "env", "Value": "b" });
    assert_eq!(tags["Tags"], json!([env]));
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name alice cannot be found.";
    let keys = [ALICE, ("TagKeys.member.1", "team")];
    assert_refused(&h, "UntagUser", &keys, (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = a_harness().await;

    let keys = [ALICE, ("TagKeys.member.1", "team")];
    assert_denied(&h, "UntagUser", &keys, "user alice").await;
}

#[tokio::test]
async fn delegates_may_be_held_to_some_keys() {
    let h = a_harness().await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "iam:UntagUser",
            "Resource": "*",
            "Condition": { "ForAllValues:StringEquals": { "aws:TagKeys": ["env"] } },
        },
    });
    let delegate = h.a_user("delegate", Some(&policy)).await;
    let team = [ALICE, ("TagKeys.member.1", "Team")];
    let env = [ALICE, ("TagKeys.member.1", "env")];

    let refused = h.iam_as(&delegate, "UntagUser", &team).await;
    let untagged = h.iam_as(&delegate, "UntagUser", &env).await;

    assert_eq!(refused.status, 403);
    untagged.xml_ok();
    let tags = told(&h, "ListUserTags", &[ALICE]).await;
    let team = json!({ "Key": "Team", "Value": "a" });
    assert_eq!(tags["Tags"], json!([team]));
}
