use super::{SECRETS, allowing, assert_denied, assert_refused, done, everything, told};
use serde_json::json;
use testkit::Harness;

const ACTION: &str = "DeleteUserPermissionsBoundary";
const ALICE: (&str, &str) = ("UserName", "alice");

#[tokio::test]
async fn without_its_boundary_a_user_may_more_from_the_next_request_on() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    let before = everything(&h).await;
    let bounded = [ALICE, ("PermissionsBoundary", SECRETS)];
    done(&h, "PutUserPermissionsBoundary", &bounded).await;
    assert_eq!(h.iam_as(&alice, "GetUser", &[]).await.status, 403);

    done(&h, ACTION, &[ALICE]).await;

    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn a_boundary_that_is_not_there_is_gone_already() {
    let h = Harness::new().await;
    let created = told(&h, "CreateUser", &[ALICE]).await;

    done(&h, ACTION, &[ALICE]).await;

    assert_eq!(told(&h, "GetUser", &[ALICE]).await, created);
}

#[tokio::test]
async fn a_bounded_user_cannot_free_itself_where_that_is_denied() {
    let h = Harness::new().await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            {
                "Effect": "Deny",
                "Action": "iam:DeleteUserPermissionsBoundary",
                "Resource": "*",
                "Condition": { "StringEquals": { "iam:PermissionsBoundary": super::ADMIN } },
            },
        ],
    });
    let alice = h.a_user("alice", Some(&policy)).await;
    let bounded = [ALICE, ("PermissionsBoundary", super::ADMIN)];
    done(&h, "PutUserPermissionsBoundary", &bounded).await;
    let before = everything(&h).await;

    let refused = h.iam_as(&alice, ACTION, &[ALICE]).await;

    assert_eq!(refused.status, 403);
    assert_eq!(everything(&h).await, before);
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name alice cannot be found.";
    assert_refused(&h, ACTION, &[ALICE], (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    let bounded = [ALICE, ("PermissionsBoundary", SECRETS)];
    h.iam("CreateUser", &bounded).await.xml_ok();

    assert_denied(&h, ACTION, &[ALICE], "user alice").await;
}
