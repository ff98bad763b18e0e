//! What is read of an event to know whom it concerns, without understanding all of it.

use serde::Deserialize;
use std::borrow::Cow;

/// The members of a CloudTrail record that route it. Missing ones are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EventHead<'a> {
    #[serde(borrow)]
    pub(crate) event_source: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) event_name: Cow<'a, str>,
    /// `AwsApiCall`, `AwsServiceEvent` or one of the server's own.
    #[serde(borrow)]
    pub(crate) event_type: Cow<'a, str>,
    #[serde(borrow, rename = "eventID")]
    pub(crate) event_id: Cow<'a, str>,
    /// As in `2026-01-15T12:00:00Z`.
    #[serde(borrow)]
    pub(crate) event_time: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) aws_region: Cow<'a, str>,
    /// Whose event it is. Empty where nobody could be authenticated: then it is the operator's only.
    #[serde(borrow)]
    pub(crate) recipient_account_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) error_code: Cow<'a, str>,
    pub(crate) read_only: bool,
}

impl<'a> EventHead<'a> {
    /// That of `record`, which is one JSON object. `None`: it is no event.
    pub(crate) fn of(record: &'a [u8]) -> Option<Self> {
        // An empty list would do for members of which none has to be there.
        let is_object = record.first() == Some(&b'{');
        is_object.then(|| serde_json::from_slice(record).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_from_a_record_with_other_members_and_escapes() {
        let record = br#"{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-01-15T12:00:00Z","eventSource":"kms.amazonaws.com","eventName":"De\u0063rypt","awsRegion":"eu-west-1","requestParameters":null,"eventID":"e","readOnly":true,"eventType":"AwsApiCall","recipientAccountId":"123456789012"}"#;

        let head = EventHead::of(record).unwrap();

        assert_eq!(head.event_name, "Decrypt");
        assert_eq!(head.event_source, "kms.amazonaws.com");
        assert_eq!(head.event_type, "AwsApiCall");
        assert_eq!(head.event_id, "e");
        assert_eq!(head.event_time, "2026-01-15T12:00:00Z");
        assert_eq!(head.aws_region, "eu-west-1");
        assert_eq!(head.recipient_account_id, "123456789012");
        assert_eq!(head.error_code, "");
        assert!(head.read_only);
    }

    #[test]
    fn what_is_no_object_is_no_event() {
        let heads = [&b"[]"[..], b"", b"{\"eventName\":7}", b"null"].map(EventHead::of);

        assert!(heads.iter().all(Option::is_none), "{heads:?}");
    }
}
