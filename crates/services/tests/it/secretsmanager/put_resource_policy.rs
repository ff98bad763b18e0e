use super::{DELETED, INVALID_NAME, NOON, NOT_FOUND, a_policy, denial};
use serde_json::{Value, json};
use testkit::{Harness, Reply, token};

const SYNTAX: &str = "This resource policy contains a syntax error.";
const PRINCIPAL: &str = "This resource policy contains an unsupported principal.";
const SERVICE: &str = "This resource policy contains an unsupported service principal.";
const MALFORMED: &str = "MalformedPolicyDocumentException";

async fn put(h: &Harness, policy: &str) -> Reply {
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy });
    h.call("PutResourcePolicy", body).await
}

async fn attached(h: &Harness) -> Value {
    let answer = h
        .call("GetResourcePolicy", json!({ "SecretId": "db" }))
        .await;
    answer.ok()["ResourcePolicy"].clone()
}

#[tokio::test]
async fn a_policy_is_attached_and_another_takes_its_place() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    h.another_account("999988887777").await;
    h.clock.advance_seconds(9);
    let first = a_policy("999988887777", &json!("secretsmanager:DescribeSecret")).to_string();
    let second = a_policy("123456789012", &json!("secretsmanager:*")).to_string();

    let answer = put(&h, &first).await.ok();

    assert_eq!(
        answer,
        json!({ "ARN": arn, "Name": "db", "PolicyName": "default" })
    );
    assert_eq!(attached(&h).await, json!(first));
    put(&h, &second).await.ok();
    assert_eq!(attached(&h).await, json!(second));
    assert_eq!(h.describe("db").await["LastChangedDate"], NOON);
}

#[tokio::test]
async fn the_next_request_is_decided_by_it() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let other = h.another_account("999988887777").await;
    let alice = h.a_user("alice", None).await;
    let describe = |caller| h.call_as(caller, "DescribeSecret", json!({ "SecretId": arn }));
    assert_eq!(describe(&other).await.status, 400);

    let foreign = a_policy("999988887777", &json!("secretsmanager:DescribeSecret"));
    put(&h, &foreign.to_string()).await.ok();
    describe(&other).await.ok();
    let user = a_policy(
        "arn:aws:iam::123456789012:user/alice",
        &json!("secretsmanager:GetSecretValue"),
    );
    put(&h, &user.to_string()).await.ok();

    let refused = describe(&other).await;
    let text = denial("999988887777", "DescribeSecret", &arn);
    refused.refused("AccessDeniedException", &text);
    let read = h
        .call_as(&alice, "GetSecretValue", json!({ "SecretId": "db" }))
        .await;
    assert_eq!(read.ok()["SecretString"], "x");
}

#[tokio::test]
async fn an_explicit_deny_counts_against_whoever_may_otherwise() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let everything = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
    ]});
    let alice = h.a_user("alice", Some(&everything)).await;
    let mut policy = a_policy(
        "arn:aws:iam::123456789012:user/alice",
        &json!("secretsmanager:GetSecretValue"),
    );
    policy["Statement"][0]["Effect"] = json!("Deny");

    put(&h, &policy.to_string()).await.ok();

    let reply = h
        .call_as(&alice, "GetSecretValue", json!({ "SecretId": "db" }))
        .await;
    let text = format!(
        "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: \
         secretsmanager:GetSecretValue on resource: {arn} with an explicit deny in a \
         resource-based policy"
    );
    reply.refused("AccessDeniedException", &text);
    h.call_as(&alice, "DescribeSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
}

#[tokio::test]
async fn who_takes_the_name_of_a_deleted_user_does_not_take_its_place() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let alice = h.a_user("alice", None).await;
    let named = "arn:aws:iam::123456789012:user/alice";
    let policy = a_policy(named, &json!("secretsmanager:GetSecretValue")).to_string();
    put(&h, &policy).await.ok();
    let key = [
        ("UserName", "alice"),
        ("AccessKeyId", alice.access_key_id()),
    ];
    h.iam("DeleteAccessKey", &key).await.xml_ok();
    h.iam("DeleteUser", &[("UserName", "alice")]).await.xml_ok();

    let successor = h.a_user("alice", None).await;
    let before = h
        .call_as(&successor, "GetSecretValue", json!({ "SecretId": "db" }))
        .await;
    put(&h, &policy).await.ok();
    let after = h
        .call_as(&successor, "GetSecretValue", json!({ "SecretId": "db" }))
        .await;

    assert_eq!(before.json()["__type"], "AccessDeniedException");
    after.ok();
}

#[tokio::test]
async fn what_is_no_policy_is_refused_and_changes_nothing() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let kept = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    put(&h, &kept).await.ok();
    let statement = |more: Value| {
        let statement = testkit::with(
            json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }),
            more,
        );
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    let named = |principal: Value| statement(json!({ "Principal": principal }));
    let both = json!({ "AWS": "999988887777", "Service": "nothing.example.com" });
    let cases = [
        (String::from("not JSON"), String::from(SYNTAX)),
        (String::from("{}"), String::from(SYNTAX)),
        (
            statement(json!({ "Effect": "AllowSomething" })),
            String::from(SYNTAX),
        ),
        (
            statement(json!({ "Principal": null })),
            String::from(SYNTAX),
        ),
        (statement(json!({ "Colour": "red" })), String::from(SYNTAX)),
        (
            named(json!({ "AWS": "999988887777" })),
            String::from(PRINCIPAL),
        ),
        (
            named(json!({ "AWS": "arn:aws:iam::123456789012:user/nobody" })),
            String::from(PRINCIPAL),
        ),
        (
            named(json!({ "AWS": "arn:aws:iam::123456789012:group/admins" })),
            String::from(PRINCIPAL),
        ),
        (
            named(json!({ "Service": "nothing.example.com" })),
            String::from(SERVICE),
        ),
        (
            named(json!({ "Service": "nothing.amazonaws.com" })),
            String::from(SERVICE),
        ),
        (named(both.clone()), format!("{PRINCIPAL} {SERVICE}")),
        (
            statement(json!({ "Effect": "AllowSomething", "Principal": both })),
            format!("{SYNTAX} {PRINCIPAL} {SERVICE}"),
        ),
    ];

    for (text, message) in cases {
        let reply = put(&h, &text).await;
        assert_eq!(reply.json()["Message"], message, "{text}");
        reply.refused(MALFORMED, &message);
    }

    assert_eq!(attached(&h).await, json!(kept));
}

#[tokio::test]
async fn what_names_other_actions_and_resources_is_accepted() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let other = h.another_account("999988887777").await;
    let mut policy = a_policy("999988887777", &json!(["s3:GetObject", "secretsmanager:*"]));
    let elsewhere = "arn:aws:secretsmanager:us-east-1:123456789012:secret:other-??????";
    policy["Statement"][0]["Resource"] = json!(elsewhere);

    put(&h, &policy.to_string()).await.ok();

    let arn = h.describe("db").await["ARN"].clone();
    let refused = h
        .call_as(&other, "DescribeSecret", json!({ "SecretId": arn }))
        .await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn broad_access_is_refused_only_to_who_asks_for_that() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let broad = a_policy("*", &json!("secretsmanager:GetSecretValue"));
    let mut narrowed = broad.clone();
    narrowed["Statement"][0]["Condition"] =
        json!({ "StringEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } });
    let blocking = |policy: &Value| {
        json!({
            "SecretId": "db", "ResourcePolicy": policy.to_string(), "BlockPublicPolicy": true,
        })
    };

    let refused = h.call("PutResourcePolicy", blocking(&broad)).await;

    let text = "You can't attach a resource-based policy that allows broad access to the secret.";
    refused.refused("PublicPolicyException", text);
    assert_eq!(attached(&h).await, Value::Null);
    h.call("PutResourcePolicy", blocking(&narrowed)).await.ok();
    put(&h, &broad.to_string()).await.ok();
    assert_eq!(attached(&h).await, json!(broad.to_string()));
}

#[tokio::test]
async fn whether_broad_access_is_refused_is_a_condition_key() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "secretsmanager:PutResourcePolicy", "Resource": "*",
        "Condition": { "Bool": { "secretsmanager:BlockPublicPolicy": "true" } },
    }]});
    let alice = h.a_user("alice", Some(&policy)).await;
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    let body = json!({ "SecretId": "db", "ResourcePolicy": text });

    for block in [Value::Null, json!(false)] {
        let body = testkit::with(body.clone(), json!({ "BlockPublicPolicy": block }));
        let reply = h.call_as(&alice, "PutResourcePolicy", body).await;
        assert_eq!(reply.json()["__type"], "AccessDeniedException");
    }
    let body = testkit::with(body, json!({ "BlockPublicPolicy": true }));
    h.call_as(&alice, "PutResourcePolicy", body).await.ok();
}

#[tokio::test]
async fn another_account_may_put_a_policy_when_both_sides_say_so() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let other = h.another_account("999988887777").await;
    let text = a_policy("999988887777", &json!("secretsmanager:*")).to_string();
    let body = json!({ "SecretId": arn, "ResourcePolicy": text });

    let before = h.call_as(&other, "PutResourcePolicy", body.clone()).await;
    put(&h, &text).await.ok();
    let after = h.call_as(&other, "PutResourcePolicy", body).await;

    let refusal = denial("999988887777", "PutResourcePolicy", &arn);
    before.refused("AccessDeniedException", &refusal);
    after.ok();
}

#[tokio::test]
async fn one_may_lock_oneself_out() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let mut policy = a_policy("*", &json!("secretsmanager:*"));
    policy["Statement"][0]["Effect"] = json!("Deny");

    put(&h, &policy.to_string()).await.ok();

    let refused = h.call("DescribeSecret", json!({ "SecretId": "db" })).await;
    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}

#[tokio::test]
async fn a_denied_caller_changes_nothing_and_learns_nothing() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let alice = h.a_user("alice", None).await;

    for (id, shown) in [("db", arn.as_str()), ("nothing", "nothing")] {
        for text in ["{", &a_policy("*", &json!("*")).to_string()] {
            let body = json!({ "SecretId": id, "ResourcePolicy": text });
            let reply = h.call_as(&alice, "PutResourcePolicy", body).await;
            let text = format!(
                "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: \
                 secretsmanager:PutResourcePolicy on resource: {shown} because no identity-based \
                 policy allows the secretsmanager:PutResourcePolicy action"
            );
            reply.refused("AccessDeniedException", &text);
        }
    }

    assert_eq!(attached(&h).await, Value::Null);
}

#[tokio::test]
async fn only_the_default_policy_can_be_put() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    let named = |name| json!({ "SecretId": "db", "ResourcePolicy": text, "PolicyName": name });

    let refused = h.call("PutResourcePolicy", named("other")).await;

    refused.refused(
        "InvalidParameterException",
        "You can only attach and delete the resource policy named default.",
    );
    assert_eq!(attached(&h).await, Value::Null);
    h.call("PutResourcePolicy", named("default")).await.ok();
}

#[tokio::test]
async fn what_is_missing_or_deleted_is_refused() {
    let h = Harness::new().await;
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();

    put(&h, &text)
        .await
        .refused("ResourceNotFoundException", NOT_FOUND);
    h.a_secret("db", "x").await;
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    put(&h, &text)
        .await
        .refused("InvalidRequestException", DELETED);
    h.call("RestoreSecret", json!({ "SecretId": "db" }))
        .await
        .ok();

    assert_eq!(attached(&h).await, Value::Null);
    let body = json!({ "SecretId": "d b", "ResourcePolicy": text });
    h.call("PutResourcePolicy", body)
        .await
        .refused("ValidationException", INVALID_NAME);
}

#[tokio::test]
async fn a_policy_of_20480_characters_fits_and_one_more_does_not() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    let fits = format!("{text}{}", " ".repeat(20_480 - text.len()));

    put(&h, &fits).await.ok();
    let refused = put(&h, &format!("{fits} ")).await;

    assert_eq!(attached(&h).await, json!(fits));
    let error = refused.json();
    assert_eq!(error["__type"], "ValidationException");
    let message = error["message"].as_str().unwrap();
    let rule = "at 'resourcePolicy' failed to satisfy constraint: Member must have length less \
                than or equal to 20480";
    assert!(message.ends_with(rule), "{message}");
}

#[tokio::test]
async fn a_deleted_secret_keeps_its_policy_and_a_new_one_of_the_name_has_none() {
    let h = Harness::new().await;
    h.a_secret("db", "x").await;
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    put(&h, &text).await.ok();
    h.call("DeleteSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    h.call("RestoreSecret", json!({ "SecretId": "db" }))
        .await
        .ok();
    assert_eq!(attached(&h).await, json!(text));

    let force = json!({ "SecretId": "db", "ForceDeleteWithoutRecovery": true });
    h.call("DeleteSecret", force).await.ok();
    h.a_secret("db", "y").await;

    assert_eq!(attached(&h).await, Value::Null);
}

#[tokio::test]
async fn the_event_shows_the_policy() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "x").await;
    let text = a_policy("123456789012", &json!("secretsmanager:*")).to_string();
    let body = json!({
        "SecretId": "db", "ResourcePolicy": text, "BlockPublicPolicy": true,
        "ClientRequestToken": token(1),
    });

    let reply = h.call("PutResourcePolicy", body).await;

    let event = &h.audit.events_of(&reply.request_id)[0];
    let parameters = json!({ "secretId": "db", "resourcePolicy": text, "blockPublicPolicy": true });
    assert_eq!(event["requestParameters"], parameters);
    assert_eq!(
        event["responseElements"],
        json!({ "arn": arn, "name": "db" })
    );
    assert_eq!(event["resources"][0]["ARN"], arn);
    assert_eq!(event["readOnly"], false);
}
