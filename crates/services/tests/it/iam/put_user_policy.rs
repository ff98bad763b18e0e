use super::grants::{USER, assert_limits_size, assert_puts, assert_refuses_malformed};
use super::{allowing, denial};
use serde_json::json;
use testkit::{Harness, Reply};

#[tokio::test]
async fn what_is_embedded_allows_from_the_next_request_on() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let refused = h.iam_as(&alice, "GetUser", &[]).await;
    assert_eq!(refused.status, 403);

    let put = put(&h, "alice", "self", &allowing(&["iam:GetUser"]).to_string()).await;

    assert_eq!(put.xml_ok(), json!({}));
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
}

#[tokio::test]
async fn a_policy_put_again_is_replaced_and_one_of_another_name_added() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["iam:GetUser"]))).await;

    put(&h, "alice", "p", &allowing(&["iam:ListUsers"]).to_string())
        .await
        .xml_ok();
    put(&h, "alice", "P", &allowing(&["iam:ListGroups"]).to_string())
        .await
        .xml_ok();

    assert_eq!(h.iam_as(&alice, "GetUser", &[]).await.status, 403);
    h.iam_as(&alice, "ListUsers", &[]).await.xml_ok();
    h.iam_as(&alice, "ListGroups", &[]).await.xml_ok();
}

#[tokio::test]
async fn a_deny_counts_from_the_next_request_on() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", Some(&allowing(&["*"]))).await;
    h.iam_as(&alice, "GetUser", &[]).await.xml_ok();
    let deny = json!({
        "Version": "2012-10-17",
        "Statement": { "Effect": "Deny", "Action": "iam:GetUser", "Resource": "*" },
    });

    put(&h, "alice", "deny", &deny.to_string()).await.xml_ok();

    let refused = h.iam_as(&alice, "GetUser", &[]).await;
    let text = "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: \
                iam:GetUser on resource: user alice with an explicit \
                deny in an identity-based policy";
    refused.xml_refused(403, "AccessDenied", text);
}

#[tokio::test]
async fn a_policy_is_told_as_it_was_put_and_replaced_when_put_again() {
    assert_puts(USER).await;
}

#[tokio::test]
async fn embedded_policies_have_a_size_together() {
    assert_limits_size(USER).await;
}

#[tokio::test]
async fn what_is_no_policy_is_refused_with_its_place() {
    assert_refuses_malformed(USER).await;
}

#[tokio::test]
async fn an_unknown_user_has_no_policies() {
    let policy = [("PolicyName", "p"), ("PolicyDocument", "{}")];
    USER.assert_missing("PutUserPolicy", &policy).await;
}

#[tokio::test]
async fn a_denied_caller_grants_itself_nothing() {
    let h = Harness::new().await;
    let mallory = h.a_user("mallory", None).await;
    let document = allowing(&["*"]).to_string();

    let parameters = [
        ("UserName", "mallory"),
        ("PolicyName", "p"),
        ("PolicyDocument", document.as_str()),
    ];
    let refused = h.iam_as(&mallory, "PutUserPolicy", &parameters).await;

    let own = "user mallory";
    refused.xml_refused(
        403,
        "AccessDenied",
        &denial("mallory", "PutUserPolicy", own),
    );
    assert_eq!(h.iam_as(&mallory, "GetUser", &[]).await.status, 403);
}

#[tokio::test]
async fn delegates_may_be_held_to_users_with_a_boundary() {
    let h = Harness::new().await;
    let boundary = "arn:aws:iam::aws:policy/SecretsManagerReadWrite";
    let delegate = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "iam:PutUserPolicy",
            "Resource": "*",
            "Condition": { "StringEquals": { "iam:PermissionsBoundary": boundary } },
        },
    });
    let delegate = h.a_user("delegate", Some(&delegate)).await;
    h.a_user("free", None).await;
    let bounded = [("UserName", "bounded"), ("PermissionsBoundary", boundary)];
    h.iam("CreateUser", &bounded).await.xml_ok();
    let document = allowing(&["*"]).to_string();
    let parameters = |user| {
        [
            ("UserName", user),
            ("PolicyName", "p"),
            ("PolicyDocument", document.as_str()),
        ]
    };

    let on_bounded = h
        .iam_as(&delegate, "PutUserPolicy", &parameters("bounded"))
        .await;
    let on_free = h
        .iam_as(&delegate, "PutUserPolicy", &parameters("free"))
        .await;

    on_bounded.xml_ok();
    let free = "user free";
    on_free.xml_refused(
        403,
        "AccessDenied",
        &denial("delegate", "PutUserPolicy", free),
    );
}

async fn put(h: &Harness, user: &str, name: &str, document: &str) -> Reply {
    let parameters = [
        ("UserName", user),
        ("PolicyName", name),
        ("PolicyDocument", document),
    ];
    h.iam("PutUserPolicy", &parameters).await
}
