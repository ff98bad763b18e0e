//! Condition keys: what each says in a real request. A user may read only under the condition, so
//! the answer tells whether it held.

use serde_json::{Value, json};
use std::sync::Arc;
use strongroom_services::PrivateEndpoint;
use testkit::{Caller, Entrance, Harness, with};

/// Alice, tagged `team=a`, and the secret `db`, tagged `env=prod`.
async fn alice_and_a_secret() -> (Harness, Caller) {
    let h = Harness::new().await;
    let tags = json!({ "Tags": [{ "Key": "env", "Value": "prod" }] });
    h.a_secret("db", "value").await;
    let tagged = h.call("TagResource", with(json!({ "SecretId": "db" }), tags));
    tagged.await.ok();
    let alice = h.a_user("alice", None).await;
    let tag = [
        ("UserName", "alice"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a"),
    ];
    h.iam("TagUser", &tag).await.xml_ok();
    (h, alice)
}

fn under(action: &str, condition: &Value) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition,
        },
    })
}

/// Whether alice may do this when her one statement has `condition`.
async fn holds(
    h: &Harness,
    alice: &Caller,
    (operation, body): (&str, &Value),
    condition: &Value,
) -> bool {
    h.allow(
        "alice",
        &under(&format!("secretsmanager:{operation}"), condition),
    )
    .await;
    let reply = h.call_as(alice, operation, body.clone()).await;
    if reply.status != 200 {
        assert_eq!(reply.json()["__type"], "AccessDeniedException");
    }
    reply.status == 200
}

#[tokio::test]
async fn the_global_keys_tell_of_caller_connection_and_moment() {
    let (h, alice) = alice_and_a_secret().await;
    let read = ("GetSecretValue", &json!({ "SecretId": "db" }));
    let arn = "arn:aws:iam::123456789012:user/alice";

    for condition in [
        json!({ "IpAddress": { "aws:SourceIp": "127.0.0.0/8" } }),
        json!({ "ArnEquals": { "aws:PrincipalArn": arn } }),
        json!({ "StringEquals": { "aws:PrincipalAccount": "123456789012" } }),
        json!({ "StringEquals": { "aws:PrincipalType": "User" } }),
        json!({ "StringEquals": { "aws:username": "alice" } }),
        json!({ "StringLike": { "aws:userid": "AIDA*" } }),
        json!({ "StringEquals": { "aws:PrincipalTag/team": "a" } }),
        json!({ "StringEquals": { "aws:PrincipalTag/TEAM": "a" } }),
        json!({ "StringEquals": { "aws:ResourceTag/env": "prod" } }),
        json!({ "StringEquals": { "secretsmanager:ResourceTag/env": "prod" } }),
        json!({ "StringEquals": { "aws:ResourceAccount": "123456789012" } }),
        json!({ "StringEquals": { "aws:RequestedRegion": "us-east-1" } }),
        json!({ "Bool": { "aws:SecureTransport": "true" } }),
        json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-01-15T11:59:59Z" } }),
        json!({ "NumericGreaterThan": { "aws:EpochTime": "1768478399" } }),
        json!({ "Bool": { "aws:ViaAWSService": "false" } }),
        json!({ "Bool": { "aws:PrincipalIsAWSService": "false" } }),
        json!({ "Null": {
            "aws:TokenIssueTime": "true", "aws:MultiFactorAuthPresent": "true",
            "aws:SourceVpce": "true", "aws:SourceVpc": "true", "aws:VpcSourceIp": "true",
            "aws:CalledVia": "true", "aws:UserAgent": "true", "aws:Referer": "true",
            "aws:FederatedProvider": "true", "aws:SourceIdentity": "true",
        } }),
        json!({ "StringEquals": { "secretsmanager:SecretId": "db" } }),
        json!({ "Null": { "secretsmanager:VersionId": "true" } }),
    ] {
        assert!(holds(&h, &alice, read, &condition).await, "{condition}");
    }
    for condition in [
        json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }),
        json!({ "StringEquals": { "aws:PrincipalTag/team": "b" } }),
        json!({ "StringEquals": { "aws:ResourceTag/env": "test" } }),
        json!({ "StringEquals": { "aws:RequestTag/env": "prod" } }),
        json!({ "DateLessThan": { "aws:CurrentTime": "2026-01-15T12:00:00Z" } }),
        json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        json!({ "StringEquals": { "secretsmanager:VersionStage": "AWSCURRENT" } }),
        json!({ "StringEquals": { "aws:NoSuchKey": "" } }),
    ] {
        assert!(!holds(&h, &alice, read, &condition).await, "{condition}");
    }
}

/// Operations, a request of each, and a condition that this request meets.
fn requests_and_their_keys() -> Vec<(&'static str, Value, Value)> {
    let is = |key: &str, value: &str| json!({ "StringEquals": { key: value } });
    let read =
        json!({ "SecretId": "db", "VersionId": testkit::token(0), "VersionStage": "AWSCURRENT" });
    let tag = json!({ "SecretId": "db", "Tags": [{ "Key": "k", "Value": "v" }] });
    vec![
        (
            "UpdateSecret",
            json!({
                "SecretId": "db", "Description": "words", "ClientRequestToken": testkit::token(9),
            }),
            is("secretsmanager:Description", "words"),
        ),
        (
            "GetSecretValue",
            read.clone(),
            is("secretsmanager:VersionId", &testkit::token(0)),
        ),
        (
            "GetSecretValue",
            read.clone(),
            is("secretsmanager:VersionStage", "AWSCURRENT"),
        ),
        (
            "GetSecretValue",
            read,
            json!({ "ForAnyValue:StringEquals": { "secretsmanager:VersionStage": ["AWSCURRENT"] } }),
        ),
        ("TagResource", tag.clone(), is("aws:RequestTag/k", "v")),
        (
            "TagResource",
            tag,
            json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["k", "l"] } }),
        ),
        (
            "UntagResource",
            json!({ "SecretId": "db", "TagKeys": ["k"] }),
            json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": "k" } }),
        ),
        (
            "CreateSecret",
            json!({ "Name": "new", "ClientRequestToken": testkit::token(9) }),
            is("secretsmanager:Name", "new"),
        ),
        (
            "CreateSecret",
            json!({
                "Name": "newer", "Description": "words", "ClientRequestToken": testkit::token(9),
            }),
            is("secretsmanager:Description", "words"),
        ),
        (
            "DeleteSecret",
            json!({ "SecretId": "db", "RecoveryWindowInDays": 7 }),
            json!({ "NumericGreaterThanEquals": { "secretsmanager:RecoveryWindowInDays": "7" } }),
        ),
    ]
}

#[tokio::test]
async fn the_keys_of_the_service_are_the_parameters_of_the_request() {
    let (h, alice) = alice_and_a_secret().await;
    let another = json!({ "StringEquals": { "secretsmanager:Name": "another" } });

    for (operation, body, condition) in requests_and_their_keys() {
        let request = (operation, &body);
        assert!(!holds(&h, &alice, request, &another).await, "{operation}");
        assert!(holds(&h, &alice, request, &condition).await, "{condition}");
    }
}

#[tokio::test]
async fn creating_with_tags_needs_leave_to_tag_too() {
    let (h, alice) = alice_and_a_secret().await;
    let only_create = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "secretsmanager:CreateSecret", "Resource": "*",
    } });
    let both = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Action": ["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
        "Resource": "arn:aws:secretsmanager:us-east-1:123456789012:secret:new-??????",
        "Condition": { "StringEquals": { "aws:RequestTag/team": "a" } },
    } });
    let create = |team: &str| {
        json!({
            "Name": "new", "ClientRequestToken": testkit::token(1),
            "Tags": [{ "Key": "team", "Value": team }],
        })
    };

    h.allow("alice", &only_create).await;
    let without = h.call_as(&alice, "CreateSecret", create("a")).await;
    h.allow("alice", &both).await;
    let wrong = h.call_as(&alice, "CreateSecret", create("b")).await;
    let right = h.call_as(&alice, "CreateSecret", create("a")).await;

    let denied = "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: \
                  secretsmanager:TagResource on resource: new because no identity-based policy \
                  allows the secretsmanager:TagResource action";
    without.refused("AccessDeniedException", denied);
    wrong.refused("AccessDeniedException", denied);
    assert_eq!(right.ok()["Name"], "new");
}

#[tokio::test]
async fn a_private_endpoint_has_keys_of_its_own_and_takes_the_address_away() {
    let (h, alice) = alice_and_a_secret().await;
    let endpoint = PrivateEndpoint::new("vpce-0a1b2c3d".into(), "vpc-0a1b2c3d".into(), None);
    let through = Entrance {
        endpoint: Some(Arc::new(endpoint.unwrap())),
        ..Entrance::default()
    };
    let plain = Entrance {
        is_secure: false,
        ..Entrance::default()
    };

    for (condition, private, unencrypted) in [
        (
            json!({ "StringEquals": { "aws:SourceVpce": "vpce-0a1b2c3d" } }),
            true,
            false,
        ),
        (
            json!({ "StringEquals": { "aws:SourceVpc": "vpc-0a1b2c3d" } }),
            true,
            false,
        ),
        (
            json!({ "IpAddress": { "aws:VpcSourceIp": "127.0.0.1" } }),
            true,
            false,
        ),
        (
            json!({ "IpAddress": { "aws:SourceIp": "127.0.0.1" } }),
            false,
            true,
        ),
        (
            json!({ "Bool": { "aws:SecureTransport": "true" } }),
            true,
            false,
        ),
    ] {
        h.allow("alice", &under("secretsmanager:GetSecretValue", &condition))
            .await;
        for (entrance, expected) in [(&through, private), (&plain, unencrypted)] {
            let signed = alice.signed("GetSecretValue", &json!({ "SecretId": "db" }), h.now());
            let reply = h.send_through(signed, entrance).await;
            assert_eq!(reply.status == 200, expected, "{condition}");
        }
    }
}

#[tokio::test]
async fn iam_is_in_one_region_wherever_its_callers_sign() {
    let (h, alice) = alice_and_a_secret().await;
    let confined = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:RequestedRegion": "eu-west-1" } },
    } });
    h.allow("alice", &confined).await;
    let there = alice.in_region("eu-west-1");

    let users = h.iam_as(&there, "ListUsers", &[]).await;

    assert_eq!(users.status, 403);
    assert_eq!(users.xml()["Error"]["Code"], "AccessDenied");
    assert_eq!(
        h.audit.events_of(&users.request_id)[0]["awsRegion"],
        "us-east-1"
    );
    h.call_as(&there, "ListSecrets", json!({})).await.ok();
}

#[tokio::test]
async fn the_arn_of_the_key_is_told_however_the_request_names_it() {
    let (h, alice) = alice_and_a_secret().await;
    let made = &h.audit.named("CreateKey")[0]["additionalEventData"];
    let id = made["keyId"].as_str().unwrap();
    let arn = format!("arn:aws:kms:us-east-1:123456789012:key/{id}");
    let is_key = json!({ "ArnEquals": { "secretsmanager:KmsKeyArn": arn } });
    let is_another = json!({ "ArnEquals": {
        "secretsmanager:KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/other",
    } });
    let alias = "alias/aws/secretsmanager";
    let alias_arn = format!("arn:aws:kms:us-east-1:123456789012:{alias}");

    for (n, named) in ["", alias, &alias_arn, id, &arn].into_iter().enumerate() {
        let update = json!({ "SecretId": "db", "KmsKeyId": named });
        let create = json!({
            "Name": format!("new{n}"), "KmsKeyId": named,
            "ClientRequestToken": testkit::token(9),
        });
        for request in [("UpdateSecret", &update), ("CreateSecret", &create)] {
            let as_sent = json!({ "StringEquals": { "secretsmanager:KmsKeyId": named } });
            assert!(!holds(&h, &alice, request, &is_another).await, "{named}");
            assert!(holds(&h, &alice, request, &is_key).await, "{named}");
            if request.0 == "UpdateSecret" {
                assert!(holds(&h, &alice, request, &as_sent).await, "{named}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_that_does_not_exist_has_no_arn_and_one_not_named_neither() {
    let (h, alice) = alice_and_a_secret().await;
    let absent = json!({ "Null": { "secretsmanager:KmsKeyArn": "true" } });
    h.allow("alice", &under("secretsmanager:UpdateSecret", &absent))
        .await;
    let update = |more: Value| {
        let body = with(json!({ "SecretId": "db", "Description": "d" }), more);
        h.call_as(&alice, "UpdateSecret", body)
    };

    update(json!({})).await.ok();
    for named in ["alias/none", "00000000-0000-0000-0000-000000000000"] {
        let refused = update(json!({ "KmsKeyId": named })).await;
        refused.refused("AccessDeniedException", "Access to KMS is not allowed");
    }
    let whole = "arn:aws:kms:us-east-1:123456789012:key/none";
    let refused = update(json!({ "KmsKeyId": whole })).await;

    assert_eq!(refused.json()["__type"], "AccessDeniedException");
}
