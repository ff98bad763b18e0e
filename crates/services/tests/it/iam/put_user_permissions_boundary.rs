use super::{
    ADMIN, SECRETS, a_plain_user, allowing, arn, assert_denied, assert_refused, done, everything,
    told,
};
use serde_json::json;
use testkit::Harness;

const ACTION: &str = "PutUserPermissionsBoundary";
const ALICE: (&str, &str) = ("UserName", "alice");

fn bounded(policy_arn: &str) -> [(&str, &str); 2] {
    [ALICE, ("PermissionsBoundary", policy_arn)]
}

#[tokio::test]
async fn a_boundary_bounds_from_the_next_request_on() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();

    done(&h, ACTION, &bounded(SECRETS)).await;

    let refused = h.iam_as(&alice, "GetUser", &[]).await;
    let text = "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: \
                iam:GetUser on resource: user alice because no \
                permissions boundary allows the iam:GetUser action";
    refused.xml_refused(403, "AccessDenied", text);
    let listed = h.call_as(&alice, "ListSecrets", json!({})).await;
    listed.ok();
}

#[tokio::test]
async fn another_boundary_takes_the_place_of_the_first() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    done(&h, ACTION, &bounded(SECRETS)).await;
    done(&h, ACTION, &bounded(SECRETS)).await;
    done(&h, ACTION, &bounded(ADMIN)).await;
    done(&h, ACTION, &bounded(SECRETS)).await;

    let user = told(&h, "GetUser", &[ALICE]).await;
    assert_eq!(
        user["User"]["PermissionsBoundary"],
        json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": SECRETS })
    );
}

#[tokio::test]
async fn a_boundary_has_to_exist() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    done(&h, ACTION, &bounded(SECRETS)).await;
    let missing = arn("policy/missing");

    let text = format!("Scope ARN: {missing} does not exist or is not attachable.");
    let refusal = (404, "NoSuchEntity", text.as_str());
    assert_refused(&h, ACTION, &bounded(&missing), refusal).await;
}

#[tokio::test]
async fn an_unknown_user_is_told_so() {
    let h = Harness::new().await;

    let text = "The user with name alice cannot be found.";
    assert_refused(&h, ACTION, &bounded(SECRETS), (404, "NoSuchEntity", text)).await;
}

#[tokio::test]
async fn a_denied_caller_changes_nothing() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;

    assert_denied(&h, ACTION, &bounded(SECRETS), "user alice").await;
}

#[tokio::test]
async fn delegates_may_be_held_to_one_boundary() {
    let h = Harness::new().await;
    a_plain_user(&h, "alice").await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "iam:PutUserPermissionsBoundary",
            "Resource": "*",
            "Condition": { "StringEquals": { "iam:PermissionsBoundary": SECRETS } },
        },
    });
    let delegate = h.a_user("delegate", Some(&policy)).await;
    let before = everything(&h).await;

    let other = h.iam_as(&delegate, ACTION, &bounded(ADMIN)).await;

    assert_eq!(other.status, 403);
    assert_eq!(everything(&h).await, before);
    h.iam_as(&delegate, ACTION, &bounded(SECRETS))
        .await
        .xml_ok();
}
