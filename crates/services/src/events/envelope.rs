//! Events as rules and targets see them.

use crate::audit::{self, EventHead};
use crate::follow::Followed;
use base::{AccountId, RegionName};
use serde_json::{Value, json};

/// An event of an account in a Region.
pub(super) struct Envelope {
    pub(super) account: AccountId,
    pub(super) region: RegionName,
    /// Whether only rules that ask for all events are told.
    pub(super) is_read: bool,
    /// How long it is as a text, about.
    pub(super) bytes: usize,
    pub(super) event: Value,
}

/// Where an event belongs.
pub(super) struct Origin<'a> {
    pub(super) place: (AccountId, RegionName),
    /// Whether only rules that ask for all events are told.
    pub(super) is_read: bool,
    service: &'a str,
    detail_type: &'static str,
}

impl<'a> Origin<'a> {
    /// That of an entry of the audit log, told from what routes it alone. `None`: it is none for rules.
    ///
    /// COMPAT: what CloudTrail calls data events is not delivered. SECURITY: nor is what nobody's account
    /// is the recipient of.
    pub(super) fn of(head: &'a EventHead<'_>) -> Option<Self> {
        let detail_type = match &*head.event_type {
            "AwsApiCall" => API_CALL,
            "AwsServiceEvent" => SERVICE_EVENT,
            _ => return None,
        };
        let service = head.event_source.strip_suffix(".amazonaws.com")?;
        if delivers(service, &head.event_name) {
            return None;
        }
        let account = AccountId::parse(&head.recipient_account_id).ok()?;
        let region = RegionName::parse(&head.aws_region).ok()?;
        Some(Self {
            place: (account, region),
            is_read: detail_type == API_CALL && (head.read_only || is_read(&head.event_name)),
            service,
            detail_type,
        })
    }
}

impl Envelope {
    /// The event of `origin` that an entry of the audit log is. `None`: it is none for rules.
    ///
    /// SECURITY: an account sees what [`audit::shown`] gives of a record.
    pub(super) fn of(followed: &Followed<'_>, origin: Origin<'_>) -> Option<Self> {
        let head = &followed.head;
        let (account, region) = origin.place;
        let record = audit::shown(followed.record)?;
        let detail: Value = serde_json::from_slice(&record).ok()?;
        if is_of_a_run(origin.service, &head.event_name, &detail) {
            return None;
        }
        let event = json!({
            "version": "0",
            "id": head.event_id,
            "detail-type": origin.detail_type,
            "source": format!("aws.{}", origin.service),
            "account": account.as_str(),
            "time": head.event_time,
            "region": region.as_str(),
            "resources": [],
            "detail": detail,
        });
        Some(Self {
            is_read: origin.is_read,
            bytes: record.len(),
            account,
            region,
            event,
        })
    }
}

/// Whether a call is one that delivers something. CloudTrail has those among its data events.
fn delivers(service: &str, name: &str) -> bool {
    matches!(
        (service, name),
        ("lambda", "Invoke")
            | ("sns", "Publish" | "PublishBatch")
            | ("events", "PutEvents")
            | ("logs", "PutLogEvents" | "CreateLogStream")
            | ("monitoring", "PutMetricData")
    ) || (service == "lambda" && name.starts_with("AsyncInvocation"))
}

/// Whether a call is one that Lambda makes for a run: how the function comes to its credentials, and what
/// is written of it into its log, or could not be.
///
/// COMPAT: AWS makes such calls once for many runs. Here each run would be an event, also of a function
/// that a rule calls. SECURITY: no caller can have a service's name as an address.
fn is_of_a_run(service: &str, name: &str, detail: &Value) -> bool {
    let text = |path| detail.pointer(path).and_then(Value::as_str);
    match service {
        "logs" => text("/sourceIPAddress") == Some("lambda.amazonaws.com"),
        _ => name == "AssumeRole" && text("/userIdentity/type") == Some("AWSService"),
    }
}

/// Whether a call is named as those that only read.
fn is_read(name: &str) -> bool {
    ["Describe", "Get", "List"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

const API_CALL: &str = "AWS API Call via CloudTrail";
const SERVICE_EVENT: &str = "AWS Service Event via CloudTrail";

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(record: &Value) -> Option<Envelope> {
        let record = record.to_string();
        let followed = Followed {
            record: record.as_bytes(),
            head: EventHead::of(record.as_bytes()).unwrap(),
        };
        Envelope::of(&followed, Origin::of(&followed.head)?)
    }

    fn record(source: &str, name: &str) -> Value {
        json!({
            "eventType": "AwsApiCall",
            "eventSource": format!("{source}.amazonaws.com"),
            "eventName": name,
            "eventID": "e",
            "eventTime": "2026-01-15T12:00:00Z",
            "awsRegion": "us-east-1",
            "recipientAccountId": "123456789012",
            "additionalEventData": { "decision": { "policy": "user/ana policy p" } },
        })
    }

    #[test]
    fn an_api_call_becomes_an_event_without_what_decided() {
        let given = record("secretsmanager", "DeleteSecret");

        let read = envelope(&given).unwrap();

        let mut detail = given;
        detail
            .as_object_mut()
            .unwrap()
            .remove("additionalEventData");
        let expected = json!({
            "version": "0",
            "id": "e",
            "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.secretsmanager",
            "account": "123456789012",
            "time": "2026-01-15T12:00:00Z",
            "region": "us-east-1",
            "resources": [],
            "detail": detail,
        });
        assert_eq!((read.event, read.is_read), (expected, false));
    }

    #[test]
    fn calls_that_deliver_and_events_of_nobody_are_none() {
        for (source, name, is_event) in [
            ("lambda", "Invoke", false),
            ("sns", "Publish", false),
            ("events", "PutEvents", false),
            ("sns", "CreateTopic", true),
        ] {
            assert_eq!(
                envelope(&record(source, name)).is_some(),
                is_event,
                "{name}"
            );
        }
        let mut nobodys = record("secretsmanager", "DeleteSecret");
        nobodys["recipientAccountId"] = Value::from("");
        assert!(envelope(&nobodys).is_none());
        let mut own = record("strongroom", "SealOpened");
        own["eventType"] = Value::from("StrongroomEvent");
        assert!(envelope(&own).is_none());
    }

    #[test]
    fn what_lambda_does_for_a_run_is_none() {
        for (service, name, source, is_event) in [
            ("logs", "CreateLogGroup", "lambda.amazonaws.com", false),
            ("logs", "CreateLogGroup", "10.0.0.1", true),
            ("logs", "DeleteLogGroup", "lambda.amazonaws.com.", true),
            ("iam", "CreateRole", "lambda.amazonaws.com", true),
        ] {
            let mut record = record(service, name);
            record["sourceIPAddress"] = Value::from(source);

            assert_eq!(envelope(&record).is_some(), is_event, "{name} {source}");
        }
        let mut assumed = record("sts", "AssumeRole");
        assumed["userIdentity"] = json!({ "type": "AWSService" });
        assert!(envelope(&assumed).is_none());
    }

    #[test]
    fn what_only_reads_is_told_by_flag_and_by_name() {
        let mut flagged = record("kms", "Decrypt");
        flagged["readOnly"] = Value::from(true);

        assert!(envelope(&flagged).unwrap().is_read);
        assert!(
            envelope(&record("secretsmanager", "GetSecretValue"))
                .unwrap()
                .is_read
        );
    }
}
