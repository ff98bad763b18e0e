use super::{BAD_PAGE, DELETED, NOT_FOUND, a_policy};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn the_one_policy_is_listed_when_it_is_there() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let body = json!({ "SecretId": "db", "MaxResults": 1 });

    let none = h.call("ListResourcePolicies", body.clone()).await.ok();
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    let put = json!({ "SecretId": "db", "ResourcePolicy": text });
    h.call("PutResourcePolicy", put).await.ok();
    let one = h.call("ListResourcePolicies", body).await.ok();

    assert_eq!(none, json!({ "ResourcePolicies": [] }));
    let expected = json!({ "ResourcePolicies": [{ "PolicyName": "default" }] });
    assert_eq!(one, expected);
}

#[tokio::test]
async fn there_is_no_second_page() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;

    let body = json!({ "SecretId": "db", "NextToken": "AAAA" });
    let reply = h.call("ListResourcePolicies", body).await;

    reply.refused("InvalidNextTokenException", BAD_PAGE);
}

#[tokio::test]
async fn what_is_missing_or_deleted_is_refused() {
    let h = Harness::new().await;
    let body = json!({ "SecretId": "db" });

    let missing = h.call("ListResourcePolicies", body.clone()).await;
    h.a_secret("db", "x").await;
    h.call("DeleteSecret", body.clone()).await.ok();
    let deleted = h.call("ListResourcePolicies", body).await;

    missing.refused("ResourceNotFoundException", NOT_FOUND);
    deleted.refused("InvalidRequestException", DELETED);
}

#[tokio::test]
async fn who_may_not_is_refused_before_anything_is_told() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let alice = h.a_user("alice", None).await;
    let other = h.another_account("999988887777").await;

    for (caller, id) in [(&alice, "db"), (&alice, "nothing"), (&other, arn.as_str())] {
        let body = json!({ "SecretId": id });
        let reply = h.call_as(caller, "ListResourcePolicies", body).await;
        assert_eq!(reply.json()["__type"], "AccessDeniedException");
    }
}
