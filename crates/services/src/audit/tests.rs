use super::*;
use base::AccountId;
use serde_json::{Value, json};

static NOBODY: Vouched = Vouched::new();
static NOTHING_CALLED: Downstream = Downstream::new(Vec::new());

fn facts<'a>(principal: Option<&'a Principal>, parameters: Option<&'a RawValue>) -> Facts<'a> {
    Facts {
        event_source: "secretsmanager.amazonaws.com",
        event_name: "GetSecretValue",
        read_only: true,
        region: "us-east-1",
        now: Timestamp::from_millis(1_440_938_160_000),
        request_id: "request-1",
        source_ip: "192.0.2.1",
        user_agent: "aws-cli/2",
        principal,
        access_key_id: Some("AKIAEXAMPLE"),
        referer: None,
        is_secure: true,
        endpoint: None,
        vouched: &NOBODY,
        via: None,
        calling_service: None,
        downstream: &NOTHING_CALLED,
        request_parameters: parameters,
    }
}

fn read(line: &[u8]) -> Value {
    assert!(!line.contains(&b'\n'));
    serde_json::from_slice(line).unwrap()
}

#[test]
fn an_answered_call_is_a_cloudtrail_record() {
    let root = Principal::root(AccountId::parse("123456789012").unwrap());
    let parameters = RawValue::from_string(String::from(r#"{"secretId":"db"}"#)).unwrap();
    let outcome = Outcome {
        resource: Some("arn:x"),
        ..Outcome::default()
    };

    let line = api_call(&facts(Some(&root), Some(&parameters)), "event-1", outcome);

    assert_eq!(
        read(&line),
        json!({
            "eventVersion": "1.08",
            "userIdentity": {
                "type": "Root",
                "principalId": "123456789012",
                "arn": "arn:aws:iam::123456789012:root",
                "accountId": "123456789012",
                "accessKeyId": "AKIAEXAMPLE",
            },
            "eventTime": "2015-08-30T12:36:00Z",
            "eventSource": "secretsmanager.amazonaws.com",
            "eventName": "GetSecretValue",
            "awsRegion": "us-east-1",
            "sourceIPAddress": "192.0.2.1",
            "userAgent": "aws-cli/2",
            "requestParameters": { "secretId": "db" },
            "responseElements": null,
            "requestID": "request-1",
            "eventID": "event-1",
            "readOnly": true,
            "resources": [{ "accountId": "123456789012", "ARN": "arn:x" }],
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": "123456789012",
            "eventCategory": "Management",
        })
    );
}

#[test]
fn a_refusal_of_a_stranger_says_so() {
    let outcome = Outcome {
        error: Some(("Code", "text\nwith a line")),
        ..Outcome::default()
    };

    let event = read(&api_call(&facts(None, None), "event-1", outcome));

    assert_eq!(
        event["userIdentity"],
        json!({ "type": "Unknown", "accessKeyId": "AKIAEXAMPLE" })
    );
    assert_eq!(event["errorCode"], "Code");
    assert_eq!(event["errorMessage"], "text\nwith a line");
    assert_eq!(event["requestParameters"], Value::Null);
    assert_eq!(event.get("resources"), None);
    assert_eq!(event.get("recipientAccountId"), None);
}

#[test]
fn a_service_event_is_nobodys_call() {
    let event = ServiceEvent {
        event_source: "secretsmanager.amazonaws.com",
        event_name: "EndSecretVersionDelete",
        region: "us-east-1",
        account: "123456789012",
        now: Timestamp::from_millis(0),
        request_id: "request-1",
        response_elements: None,
        additional: json!({ "SecretId": "arn:x" }),
    };

    let event = read(&event.to_line("event-1"));

    assert_eq!(
        event["userIdentity"],
        json!({ "accountId": "123456789012", "invokedBy": "secretsmanager.amazonaws.com" })
    );
    assert_eq!(event["eventType"], "AwsServiceEvent");
    assert_eq!(event["additionalEventData"], json!({ "SecretId": "arn:x" }));
    assert_eq!(event["sourceIPAddress"], "secretsmanager.amazonaws.com");
    assert_eq!(event["readOnly"], false);
}
