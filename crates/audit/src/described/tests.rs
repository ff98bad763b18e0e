use super::*;
use serde_json::json;

fn resource<'a>(kind: Option<&'a str>, name: &'a str) -> DescribedResource<'a> {
    DescribedResource {
        kind: kind.map(Cow::from),
        name: name.into(),
    }
}

#[test]
fn an_event_tells_whom_and_what_it_concerns() {
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1b2c3";
    let record = json!({
        "userIdentity": {
            "type": "IAMUser", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "alice",
            "arn": "arn:aws:iam::123456789012:user/alice", "accountId": "123456789012",
        },
        "eventTime": "2026-01-15T12:00:00Z",
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "awsRegion": "eu-west-1",
        "requestParameters": { "secretId": "db", "versionStage": 7 },
        "errorCode": "AccessDenied",
        "eventID": "e-1",
        "eventType": "AwsApiCall",
        "vpcEndpointId": "vpce-1",
        "readOnly": true,
        "resources": [{ "accountId": "123456789012", "ARN": arn }],
        "recipientAccountId": "123456789012",
    })
    .to_string();

    let described = Described::of(record.as_bytes()).unwrap();

    let secret = Some("AWS::SecretsManager::Secret");
    let expected = Described {
        event_id: "e-1".into(),
        event_name: "GetSecretValue".into(),
        event_source: "secretsmanager.amazonaws.com".into(),
        time: 1_768_478_400,
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        read_only: true,
        username: Some("alice".into()),
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE".into()),
        error_code: Some("AccessDenied".into()),
        event_type: Some("AwsApiCall".into()),
        user_arn: Some("arn:aws:iam::123456789012:user/alice".into()),
        vpc_endpoint_id: Some("vpce-1".into()),
        resources: vec![resource(secret, arn), resource(secret, "db")],
    };
    assert_eq!(described, expected);
}

#[test]
fn a_caller_of_another_account_is_told_without_name_and_key() {
    let record = json!({
        "userIdentity": {
            "type": "IAMUser", "accountId": "444455556666", "userName": "alice",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "arn": "arn:aws:iam::444455556666:user/alice",
        },
        "eventTime": "2026-01-15T12:00:00Z", "recipientAccountId": "123456789012",
    })
    .to_string();

    let described = Described::of(record.as_bytes()).unwrap();

    assert_eq!((described.username, described.access_key_id), (None, None));
    let arn = Some("arn:aws:iam::444455556666:user/alice");
    assert_eq!(described.user_arn.as_deref(), arn);
}

#[test]
fn what_is_no_event_of_an_account_is_not_described() {
    let no_account = r#"{"eventTime":"2026-01-15T12:00:00Z","eventName":"X"}"#;
    let no_time = r#"{"recipientAccountId":"123456789012"}"#;

    for record in [no_account, no_time, "[]", "null", "", "{"] {
        assert_eq!(Described::of(record.as_bytes()), None, "{record}");
    }
}

#[test]
fn a_user_is_called_as_cloudtrail_calls_it() {
    for (identity, expected) in [
        (
            json!({ "type": "Root", "principalId": "123456789012" }),
            Some("root"),
        ),
        (
            json!({ "type": "AssumedRole", "principalId": "AROAX:deploy" }),
            Some("deploy"),
        ),
        (
            json!({ "type": "AssumedRole", "principalId": "AROAX" }),
            None,
        ),
        (
            json!({ "type": "WebIdentityUser", "userName": "system:app" }),
            Some("system:app"),
        ),
        (json!({ "invokedBy": "secretsmanager.amazonaws.com" }), None),
        (serde_json::Value::Null, None),
    ] {
        let record = json!({
            "eventTime": "2026-01-15T12:00:00Z", "recipientAccountId": "1", "userIdentity": identity,
        })
        .to_string();

        let described = Described::of(record.as_bytes()).unwrap();

        assert_eq!(described.username.as_deref(), expected, "{identity}");
    }
}

#[test]
fn a_parameter_of_another_kind_names_nothing() {
    for value in [
        json!(7),
        json!(-1),
        json!(0.5),
        json!(true),
        json!(["x"]),
        json!({ "a": [1] }),
    ] {
        let record = json!({
            "eventTime": "2026-01-15T12:00:00Z", "recipientAccountId": "1",
            "eventSource": "secretsmanager.amazonaws.com", "requestParameters": { "name": value },
        })
        .to_string();

        let described = Described::of(record.as_bytes()).unwrap();

        assert_eq!(described.resources, [], "{value}");
    }
}

#[test]
fn arns_tell_their_types() {
    for (arn, kind) in [
        ("arn:aws:kms:eu-west-1:1:key/x", Some("AWS::KMS::Key")),
        ("arn:aws:kms:eu-west-1:1:alias/x", Some("AWS::KMS::Alias")),
        ("arn:aws:iam::1:user/a/b", Some("AWS::IAM::User")),
        ("arn:aws:iam::aws:policy/x", Some("AWS::IAM::Policy")),
        ("arn:aws:sns:eu-west-1:1:topic", Some("AWS::SNS::Topic")),
        (
            "arn:aws:lambda:eu-west-1:1:function:x",
            Some("AWS::Lambda::Function"),
        ),
        ("arn:aws:lambda:eu-west-1:1:layer:x", None),
        ("arn:aws:iam::1:oidc-provider/x", None),
        ("arn:aws:s3:::bucket", None),
        ("secret", None),
    ] {
        assert_eq!(kind_of(arn), kind, "{arn}");
    }
}
