use super::{DELETED, NOT_FOUND, a_policy, denial};
use serde_json::json;
use testkit::Harness;

#[tokio::test]
async fn a_policy_is_shown_as_it_was_written() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let text = serde_json::to_string_pretty(&a_policy("*", &json!("secretsmanager:*"))).unwrap();
    let text = format!("\t{text}\r\n  ");
    let body = json!({ "SecretId": "db", "ResourcePolicy": text });
    h.call("PutResourcePolicy", body).await.ok();

    for body in [
        json!({ "SecretId": "db" }),
        json!({ "SecretId": arn, "PolicyName": "default" }),
    ] {
        let answer = h.call("GetResourcePolicy", body).await.ok();
        let expected = json!({
            "ARN": arn, "Name": "db", "ResourcePolicy": text, "PolicyName": "default",
        });
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn who_was_renamed_or_deleted_stands_in_it_by_unique_id() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let old = h.a_user("old", None).await;
    let user = h.iam("GetUser", &[("UserName", "old")]).await.xml_ok();
    let id = user["GetUserResult"]["User"]["UserId"]
        .as_str()
        .unwrap()
        .to_owned();
    let policy = a_policy(
        "arn:aws:iam::123456789012:user/old",
        &json!("secretsmanager:*"),
    );
    let attach = |text: &str| {
        h.call(
            "PutResourcePolicy",
            json!({ "SecretId": "db", "ResourcePolicy": text }),
        )
    };
    attach(&policy.to_string()).await.ok();
    let shown = async || {
        let answer = h
            .call("GetResourcePolicy", json!({ "SecretId": "db" }))
            .await
            .ok();
        answer["ResourcePolicy"].as_str().unwrap().to_owned()
    };
    assert_eq!(shown().await, policy.to_string());

    let rename = [("UserName", "old"), ("NewUserName", "new")];
    h.iam("UpdateUser", &rename).await.xml_ok();
    let stranger = h.a_user("old", None).await;

    let by_id = shown().await;
    assert_eq!(
        by_id,
        policy
            .to_string()
            .replace("arn:aws:iam::123456789012:user/old", &id)
    );
    attach(&by_id).await.ok();
    let read = |caller| h.call_as(caller, "GetSecretValue", json!({ "SecretId": "db" }));
    read(&old).await.ok();
    assert_eq!(
        read(&stranger).await.json()["__type"],
        "AccessDeniedException"
    );
}

#[tokio::test]
async fn a_secret_without_a_policy_shows_none() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;

    let answer = h
        .call("GetResourcePolicy", json!({ "SecretId": "db" }))
        .await;

    assert_eq!(answer.ok(), json!({ "ARN": arn, "Name": "db" }));
}

#[tokio::test]
async fn a_policy_of_another_name_is_not_there() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;

    let body = json!({ "SecretId": "db", "PolicyName": "other" });
    let reply = h.call("GetResourcePolicy", body).await;

    let text = "Secrets Manager can't find the specified resource policy.";
    reply.refused("ResourceNotFoundException", text);
}

#[tokio::test]
async fn another_account_reads_it_when_the_policy_says_so() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let other = h.another_account("999988887777").await;
    let get = json!({ "SecretId": arn });
    let text = a_policy("999988887777", &json!("secretsmanager:GetResourcePolicy")).to_string();

    let before = h.call_as(&other, "GetResourcePolicy", get.clone()).await;
    let body = json!({ "SecretId": "db", "ResourcePolicy": text });
    h.call("PutResourcePolicy", body).await.ok();
    let after = h.call_as(&other, "GetResourcePolicy", get).await;

    let refusal = denial("999988887777", "GetResourcePolicy", &arn);
    before.refused("AccessDeniedException", &refusal);
    assert_eq!(after.ok()["ResourcePolicy"], text);
}

#[tokio::test]
async fn what_is_missing_or_deleted_is_refused() {
    let h = Harness::new().await;
    let body = json!({ "SecretId": "db" });

    let missing = h.call("GetResourcePolicy", body.clone()).await;
    h.a_secret("db", "x").await;
    h.call("DeleteSecret", body.clone()).await.ok();
    let deleted = h.call("GetResourcePolicy", body).await;

    missing.refused("ResourceNotFoundException", NOT_FOUND);
    deleted.refused("InvalidRequestException", DELETED);
}

#[tokio::test]
async fn who_may_not_is_refused_before_anything_is_told() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let alice = h.a_user("alice", None).await;

    for id in ["db", "nothing"] {
        let body = json!({ "SecretId": id, "PolicyName": "other" });
        let reply = h.call_as(&alice, "GetResourcePolicy", body).await;
        assert_eq!(reply.json()["__type"], "AccessDeniedException");
    }
}
