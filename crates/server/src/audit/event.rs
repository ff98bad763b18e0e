//! The event of an operator's command, in CloudTrail's form.

use base::{AccountId, RegionName, Timestamp};
use serde::Serialize;

/// What an operator did over the admin socket. Carries no secret: what a command is given and
/// answers is named here field by field.
pub(crate) struct AdminEvent<'a> {
    /// Such as `CreateAccount`.
    pub(crate) name: &'static str,
    /// Whether nothing could change.
    pub(crate) read_only: bool,
    /// When.
    pub(crate) now: Timestamp,
    /// The deployment's first account.
    pub(crate) account: &'a AccountId,
    /// The deployment's Region.
    pub(crate) region: &'a RegionName,
    /// The system's number of the user who asked.
    pub(crate) uid: u32,
    /// What the command was given, without secrets.
    pub(crate) parameters: Option<serde_json::Value>,
    /// The account that the command is about.
    pub(crate) target_account: Option<&'a AccountId>,
    /// The same for every event of one command.
    pub(crate) request_id: &'a str,
    /// Why the command failed.
    pub(crate) failure: Option<&'a str>,
}

impl AdminEvent<'_> {
    /// The event as a JSON line.
    pub(crate) fn to_line(&self, event_id: &str) -> Vec<u8> {
        let record = Record {
            event_version: "1.08",
            user_identity: Identity {
                account_id: self.account,
                invoked_by: SOURCE,
            },
            event_time: self.now.to_iso(),
            event_source: SOURCE,
            event_name: self.name,
            aws_region: self.region,
            source_ip_address: SOURCE,
            user_agent: SOURCE,
            error_code: self.failure.map(|_| "CommandFailed"),
            error_message: self.failure,
            request_parameters: self.parameters.as_ref(),
            response_elements: None,
            additional_event_data: Additional { uid: self.uid },
            request_id: self.request_id,
            event_id,
            read_only: self.read_only,
            event_type: "AwsServiceEvent",
            management_event: true,
            recipient_account_id: self.target_account.unwrap_or(self.account),
            event_category: "Management",
        };
        // A record of strings and numbers always serializes; the sink refuses an empty line.
        serde_json::to_vec(&record).unwrap_or_default()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'a str,
    user_identity: Identity<'a>,
    event_time: String,
    event_source: &'a str,
    event_name: &'a str,
    aws_region: &'a RegionName,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: Option<&'a serde_json::Value>,
    response_elements: Option<()>,
    additional_event_data: Additional,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    read_only: bool,
    event_type: &'a str,
    management_event: bool,
    recipient_account_id: &'a AccountId,
    event_category: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    account_id: &'a AccountId,
    invoked_by: &'a str,
}

#[derive(Serialize)]
struct Additional {
    uid: u32,
}

const SOURCE: &str = "admin.strongroom.internal";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_has_the_form_of_a_service_event() {
        let account = AccountId::parse("111122223333").unwrap();
        let target = AccountId::parse("444455556666").unwrap();
        let region = RegionName::parse("eu-west-1").unwrap();
        let event = AdminEvent {
            name: "CreateAccount",
            read_only: false,
            now: Timestamp::from_millis(1_440_938_160_123),
            account: &account,
            region: &region,
            uid: 7,
            parameters: Some(json!({ "accountId": "444455556666" })),
            target_account: Some(&target),
            request_id: "r",
            failure: Some("it did not work"),
        };

        let line: serde_json::Value = serde_json::from_slice(&event.to_line("e")).unwrap();

        assert_eq!(
            line,
            json!({
                "eventVersion": "1.08",
                "userIdentity": {
                    "accountId": "111122223333",
                    "invokedBy": "admin.strongroom.internal",
                },
                "eventTime": "2015-08-30T12:36:00Z",
                "eventSource": "admin.strongroom.internal",
                "eventName": "CreateAccount",
                "awsRegion": "eu-west-1",
                "sourceIPAddress": "admin.strongroom.internal",
                "userAgent": "admin.strongroom.internal",
                "errorCode": "CommandFailed",
                "errorMessage": "it did not work",
                "requestParameters": { "accountId": "444455556666" },
                "responseElements": null,
                "additionalEventData": { "uid": 7 },
                "requestID": "r",
                "eventID": "e",
                "readOnly": false,
                "eventType": "AwsServiceEvent",
                "managementEvent": true,
                "recipientAccountId": "444455556666",
                "eventCategory": "Management",
            })
        );
    }
}
