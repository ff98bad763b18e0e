use super::{a_plain_user, assert_denied, assert_refused, denial, done, told};
use serde_json::json;
use testkit::Harness;

const ALICE: (&str, &str) = ("UserName", "alice");

fn tagged<'a>(key: &'a str, value: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ALICE,
        ("Tags.member.1.Key", key),
        ("Tags.member.1.Value", value),
    ]
}

#[tokio::test]
async fn a_key_in_another_case_replaces_the_old_one() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    done(&h, "TagUser", &tagged("Team", "a")).await;
    done(&h, "TagUser", &tagged("größe", "b")).await;
    done(&h, "TagUser", &tagged("TEAM", "")).await;

    let user = told(&h, "GetUser", &[ALICE]).await;
    assert_eq!(
        user["User"]["Tags"],
        json!([{ "Key": "größe", "Value": "b" }, { "Key": "TEAM", "Value": "" }])
    );
}

#[tokio::test]
async fn a_user_has_fifty_tags_at_most() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    for n in 0..50 {
        done(&h, "TagUser", &tagged(&format!("k{n}"), "")).await;
    }

    let text = "The number of tags has reached the maximum limit";
    let refusal = (409, "LimitExceeded", text);
    assert_refused(&h, "TagUser", &tagged("one more", ""), refusal).await;
    done(&h, "TagUser", &tagged("k0", "again")).await;
}

#[tokio::test]
async fn reserved_keys_are_refused() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    let text = "System tags cannot be added/updated by requester";
    let refusal = (400, "InvalidInput", text);
    assert_refused(&h, "TagUser", &tagged("AWS:x", ""), refusal).await;
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name alice cannot be found.";
    let refusal = (404, "NoSuchEntity", text);
    assert_refused(&h, "TagUser", &tagged("a", "b"), refusal).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    assert_denied(&h, "TagUser", &tagged("a", "b"), "user alice").await;
}

#[tokio::test]
async fn tags_count_from_the_next_request_on() {
    let h = Harness::new().await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "iam:GetUser",
            "Resource": "*",
            "Condition": { "StringEquals": { "iam:ResourceTag/team": "${aws:PrincipalTag/team}" } },
        },
    });
    let bob = h.a_user("bob", Some(&policy)).await;
    a_plain_user(&h, "alice").await;
    done(&h, "TagUser", &tagged("team", "a")).await;
    let before = h.iam_as(&bob, "GetUser", &[ALICE]).await;

    let mut of_bob = tagged("team", "a");
    of_bob[0].1 = "bob";
    done(&h, "TagUser", &of_bob).await;

    let text = denial("bob", "GetUser", "user alice");
    before.xml_refused(403, "AccessDenied", &text);
    h.iam_as(&bob, "GetUser", &[ALICE]).await.xml_ok();
}
