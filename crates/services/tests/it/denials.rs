//! What a refused caller is told: AWS's texts, byte for byte (behaviour reference §1.6).

use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::PrivateEndpoint;
use testkit::{Caller, Entrance, Harness};

const ALICE: &str = "arn:aws:iam::123456789012:user/alice";
const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/bound";

fn statement(effect: &str, action: &str, resource: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": {
        "Effect": effect, "Action": action, "Resource": resource,
    } })
}

fn text(action: &str, on: &str, reason: &str) -> String {
    format!("User: {ALICE} is not authorized to perform: secretsmanager:{action}{on} {reason}")
}

async fn read(h: &Harness, caller: &Caller, secret_id: &str) -> testkit::Reply {
    h.call_as(caller, "GetSecretValue", json!({ "SecretId": secret_id }))
        .await
}

#[tokio::test]
async fn an_existing_secret_is_named_by_its_arn_and_another_by_what_was_sent() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "value").await;
    let alice = h.a_user("alice", None).await;
    let because =
        "because no identity-based policy allows the secretsmanager:GetSecretValue action";
    let missing = "arn:aws:secretsmanager:us-east-1:123456789012:secret:no";
    let elsewhere = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";

    for (sent, shown) in [
        ("db", &*arn),
        (&*arn, &*arn),
        ("no", "no"),
        (missing, missing),
    ] {
        let expected = text("GetSecretValue", &format!(" on resource: {shown}"), because);
        read(&h, &alice, sent)
            .await
            .refused("AccessDeniedException", &expected);
    }
    read(&h, &alice, elsewhere).await.refused(
        "AccessDeniedException",
        &text(
            "GetSecretValue",
            &format!(" on resource: {elsewhere}"),
            "because no resource-based policy allows the secretsmanager:GetSecretValue action",
        ),
    );
}

#[tokio::test]
async fn actions_without_a_resource_name_none() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;

    for (operation, body) in [
        ("ListSecrets", json!({})),
        ("GetRandomPassword", json!({})),
        ("BatchGetSecretValue", json!({ "SecretIdList": ["db"] })),
    ] {
        let because = format!(
            "because no identity-based policy allows the secretsmanager:{operation} action"
        );
        let reply = h.call_as(&alice, operation, body).await;
        reply.refused("AccessDeniedException", &text(operation, "", &because));
    }
}

#[tokio::test]
async fn refusal_comes_before_not_found_unless_the_caller_may_read_everything() {
    let h = Harness::new().await;
    let alice = h.a_user("alice", None).await;
    let scoped = "arn:aws:secretsmanager:us-east-1:123456789012:secret:foo-*";

    h.allow(
        "alice",
        &statement("Allow", "secretsmanager:GetSecretValue", scoped),
    )
    .await;
    let hidden = read(&h, &alice, "foo").await;
    h.allow(
        "alice",
        &statement("Allow", "secretsmanager:GetSecretValue", "*"),
    )
    .await;
    let told = read(&h, &alice, "foo").await;

    hidden.refused(
        "AccessDeniedException",
        &text(
            "GetSecretValue",
            " on resource: foo",
            "because no identity-based policy allows the secretsmanager:GetSecretValue action",
        ),
    );
    told.refused(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
    );
}

#[tokio::test]
async fn each_kind_of_policy_is_named_when_it_refuses() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "value").await;
    let alice = h.a_user("alice", None).await;
    let everything = statement("Allow", "secretsmanager:*", "*");
    let on = format!(" on resource: {arn}");
    let refused = |reply: testkit::Reply, reason: &str| {
        reply.refused(
            "AccessDeniedException",
            &text("GetSecretValue", &on, reason),
        );
    };

    let mut deny = everything.clone();
    deny["Statement"] = json!([everything["Statement"], {
        "Effect": "Deny", "Action": "secretsmanager:Get*", "Resource": arn,
    }]);
    h.allow("alice", &deny).await;
    refused(
        read(&h, &alice, "db").await,
        "with an explicit deny in an identity-based policy",
    );
    h.allow("alice", &everything).await;

    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": { "AWS": ALICE },
        "Action": "secretsmanager:GetSecretValue", "Resource": "*",
    } });
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy.to_string() });
    h.call("PutResourcePolicy", body).await.ok();
    refused(
        read(&h, &alice, "db").await,
        "with an explicit deny in a resource-based policy",
    );
    h.call("DeleteResourcePolicy", json!({ "SecretId": "db" }))
        .await
        .ok();

    let narrow = statement("Allow", "secretsmanager:Describe*", "*").to_string();
    let bound = [("PolicyName", "bound"), ("PolicyDocument", &narrow)];
    h.iam("CreatePolicy", &bound).await.xml_ok();
    let boundary = [("UserName", "alice"), ("PermissionsBoundary", BOUNDARY)];
    h.iam("PutUserPermissionsBoundary", &boundary)
        .await
        .xml_ok();
    refused(
        read(&h, &alice, "db").await,
        "because no permissions boundary allows the secretsmanager:GetSecretValue action",
    );
    let unbound = [("UserName", "alice")];
    h.iam("DeleteUserPermissionsBoundary", &unbound)
        .await
        .xml_ok();
    read(&h, &alice, "db").await.ok();
}

#[tokio::test]
async fn the_policy_of_a_private_endpoint_bounds_even_root() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "value").await;
    let only = |effect: &str, action: &str| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:Describe*", "Resource": "*" },
            { "Effect": effect, "Principal": "*", "Action": action, "Resource": "*" },
        ] })
        .to_string()
    };
    let through = |policy: &str| {
        let endpoint = PrivateEndpoint::new("vpce-1".into(), "vpc-1".into(), Some(policy));
        Entrance {
            endpoint: Some(Arc::new(endpoint.unwrap())),
            ..Entrance::default()
        }
    };
    let read = || {
        h.root
            .signed("GetSecretValue", &json!({ "SecretId": "db" }), h.now())
    };
    let root = "User: arn:aws:iam::123456789012:root is not authorized to perform: \
                secretsmanager:GetSecretValue on resource: ";

    let missing = h
        .send_through(read(), &through(&only("Allow", "kms:*")))
        .await;
    let denied = h
        .send_through(read(), &through(&only("Deny", "secretsmanager:Get*")))
        .await;
    let open = h.send_through(read(), &through(&only("Allow", "*"))).await;

    missing.refused(
        "AccessDeniedException",
        &format!(
            "{root}{arn} because no VPC endpoint policy allows the secretsmanager:GetSecretValue \
             action"
        ),
    );
    denied.refused(
        "AccessDeniedException",
        &format!("{root}{arn} with an explicit deny in a VPC endpoint policy"),
    );
    assert_eq!(open.ok()["SecretString"], "value");
    let events = h.audit.events_of(&denied.request_id);
    assert_eq!(events[0]["vpcEndpointId"], "vpce-1");
    assert_eq!(
        events[0]["additionalEventData"]["decision"],
        json!({
            "outcome": "explicitDeny",
            "action": "secretsmanager:GetSecretValue",
            "policyType": "VPC endpoint policy",
            "policy": "vpce-1",
            "statement": 2,
        })
    );
}

#[tokio::test]
async fn another_account_needs_leave_on_both_sides() {
    let h = Harness::new().await;
    let arn = h.a_secret("db", "value").await;
    let other = h.another_account("999988887777").await;
    let describe = || h.call_as(&other, "DescribeSecret", json!({ "SecretId": arn }));
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::999988887777:root" },
        "Action": "secretsmanager:*", "Resource": "*",
    } });

    let before = describe().await;
    let body = json!({ "SecretId": "db", "ResourcePolicy": policy.to_string() });
    h.call("PutResourcePolicy", body).await.ok();
    let after = describe().await;
    let value = h
        .call_as(&other, "GetSecretValue", json!({ "SecretId": arn }))
        .await;
    let listed = h.call_as(&other, "ListSecrets", json!({})).await;

    before.refused(
        "AccessDeniedException",
        &format!(
            "User: arn:aws:iam::999988887777:root is not authorized to perform: \
             secretsmanager:DescribeSecret on resource: {arn} because no resource-based policy \
             allows the secretsmanager:DescribeSecret action"
        ),
    );
    assert_eq!(after.ok()["Name"], "db");
    value.refused(
        "InvalidRequestException",
        "You can't access a secret from a different AWS account if you encrypt the secret with \
         the default KMS service key.",
    );
    assert_eq!(listed.ok(), json!({ "SecretList": [] }));
}

#[tokio::test]
async fn only_callers_who_may_have_it_explained_are_told_which_statement_decided() {
    let h = Harness::new().await;
    h.a_secret("db", "value").await;
    let alice = h.a_user("alice", None).await;
    let deny = json!({ "Sid": "NoReads", "Effect": "Deny", "Action": "secretsmanager:Get*", "Resource": "*" });
    let explain =
        json!({ "Effect": "Allow", "Action": "strongroom:ExplainDecision", "Resource": "*" });
    let policy = |statements: Value| json!({ "Version": "2012-10-17", "Statement": statements });

    h.allow("alice", &policy(json!([deny]))).await;
    let untold = read(&h, &alice, "db").await;
    h.allow("alice", &policy(json!([deny, explain]))).await;
    let told = read(&h, &alice, "db").await;

    assert_eq!(untold.decision, None);
    assert_eq!(told.text, untold.text);
    let decision: Value = serde_json::from_str(&told.decision.unwrap()).unwrap();
    assert_eq!(
        decision,
        json!({
            "outcome": "explicitDeny",
            "action": "secretsmanager:GetSecretValue",
            "policyType": "identity-based policy",
            "policy": "user/alice policy p",
            "statement": 1,
            "sid": "NoReads",
        })
    );
    let expected = json!({ "decision": decision });
    let events = h.audit.events_of(&untold.request_id);
    assert_eq!(events[0]["additionalEventData"], expected);
}
