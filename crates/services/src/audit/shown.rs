//! The record of an event as the accounts that it concerns may see it.
//!
//! Rules kept here:
//! - what decided stays in the log, with the operator: it names policies and statements of the caller, who
//!   may be of another account than the resource;
//! - to the account of a resource, a caller of another account is told by ARN and principal, and not by the
//!   access key it signed with;
//! - the same record gives the same bytes whenever it is asked, and members keep their order.

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// `record`, one JSON object, as accounts may see it. `None`: it cannot be understood, and is for nobody.
///
/// SECURITY: whatever goes to an account goes through here: what is looked up, the files and log groups of
/// trails, and the events of rules.
pub(crate) fn shown(record: &[u8]) -> Option<Cow<'_, [u8]>> {
    let head: Head<'_> = serde_json::from_slice(record).ok()?;
    if head.event_type != "AwsApiCall" {
        return Some(Cow::Borrowed(record));
    }
    let is_foreign = head.is_of_foreign_caller();
    let Members(members) = serde_json::from_slice(record).ok()?;
    let mut shown = Vec::with_capacity(record.len());
    let mut object = Written::begin(&mut shown);
    for (name, value) in members {
        match name.as_ref() {
            "additionalEventData" => {}
            "userIdentity" if is_foreign => {
                object.name(&name)?;
                write_identity(object.bytes, value)?;
            }
            _ => object.member(&name, value)?,
        }
    }
    object.end();
    Some(Cow::Owned(shown))
}

/// Writes who called, as another account is told.
fn write_identity(bytes: &mut Vec<u8>, identity: &RawValue) -> Option<()> {
    let Members(members) = serde_json::from_str(identity.get()).ok()?;
    let mut object = Written::begin(bytes);
    for (name, value) in members {
        if !OF_THE_CALLERS_ACCOUNT.contains(&name.as_ref()) {
            object.member(&name, value)?;
        }
    }
    object.end();
    Some(())
}

/// What tells how a record is to be shown.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Head<'a> {
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    recipient_account_id: Option<String>,
    user_identity: Option<Caller>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Caller {
    account_id: Option<String>,
}

impl Head<'_> {
    /// Whether the caller is of another account than the one that the event is told to.
    fn is_of_foreign_caller(&self) -> bool {
        let account = { self.user_identity.as_ref() }.and_then(|caller| caller.account_id.as_ref());
        account.is_some() && account != self.recipient_account_id.as_ref()
    }
}

/// An object as it is written.
struct Written<'a> {
    bytes: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Written<'a> {
    fn begin(bytes: &'a mut Vec<u8>) -> Self {
        bytes.push(b'{');
        Self {
            bytes,
            is_first: true,
        }
    }

    fn name(&mut self, name: &str) -> Option<()> {
        if !self.is_first {
            self.bytes.push(b',');
        }
        self.is_first = false;
        serde_json::to_writer(&mut *self.bytes, name).ok()?;
        self.bytes.push(b':');
        Some(())
    }

    fn member(&mut self, name: &str, value: &RawValue) -> Option<()> {
        self.name(name)?;
        self.bytes.extend_from_slice(value.get().as_bytes());
        Some(())
    }

    fn end(self) {
        self.bytes.push(b'}');
    }
}

/// The members of an object in their order, without their values being understood.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(MembersVisitor).map(Members)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut members: Self::Value = Vec::new();
        while let Some((Name(name), value)) = from.next_entry()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("a member is there twice"));
            }
            members.push((name, value));
        }
        Ok(members)
    }
}

const OF_THE_CALLERS_ACCOUNT: [&str; 2] = ["accessKeyId", "userName"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn shown_text(record: &str) -> Option<String> {
        shown(record.as_bytes()).map(|shown| String::from_utf8(shown.into_owned()).unwrap())
    }

    #[test]
    fn what_decided_is_left_out_and_the_rest_stays_as_it_was() {
        let record = r#"{"eventVersion":"1.08","userIdentity":{"accountId":"1","accessKeyId":"AKIA","userName":"ana"},"eventName":"G\u0065t","requestParameters":{"additionalEventData":{"z":1.50,"a":"\u00e4"}},"additionalEventData":{"decision":{"policy":"p"}},"readOnly":true,"eventType":"AwsApiCall","recipientAccountId":"1"}"#;

        let shown = shown_text(record).unwrap();

        let decided = r#""additionalEventData":{"decision":{"policy":"p"}},"#;
        assert_eq!(shown, record.replace(decided, ""));
    }

    #[test]
    fn a_caller_of_another_account_is_told_without_its_key() {
        let record = r#"{"userIdentity":{"type":"IAMUser","principalId":"AIDA","arn":"arn:aws:iam::2:user/ana","accountId":"2","accessKeyId":"AKIA","userName":"ana"},"eventType":"AwsApiCall","recipientAccountId":"1"}"#;

        let shown = shown_text(record).unwrap();

        let key = r#","accessKeyId":"AKIA","userName":"ana""#;
        assert_eq!(shown, record.replace(key, ""));
    }

    #[test]
    fn who_has_no_account_is_shown() {
        let record = r#"{"userIdentity":{"type":"WebIdentityUser","userName":"system:app"},"eventType":"AwsApiCall","recipientAccountId":"1"}"#;

        assert_eq!(shown_text(record).unwrap(), record);
    }

    #[test]
    fn what_services_do_themselves_is_shown_whole() {
        let record = r#"{"additionalEventData":{"keyId":"k"},"eventType":"AwsServiceEvent","recipientAccountId":"1"}"#;

        assert_eq!(shown_text(record).unwrap(), record);
    }

    #[test]
    fn what_is_not_understood_is_for_nobody() {
        for record in [
            "",
            "null",
            "{",
            r#"{"eventType":"AwsApiCall""#,
            r#"{"eventType":"AwsApiCall","a":1,"a":2}"#,
            r#"{"eventType":"AwsApiCall","eventType":"AwsServiceEvent"}"#,
        ] {
            assert_eq!(shown_text(record), None, "{record}");
        }
    }

    proptest! {
        #[test]
        fn it_is_the_record_without_the_member(
            names in prop::collection::btree_set("[a-z\"\\\\]{1,6}", 0..6),
            text: String,
        ) {
            let mut record = json!({ "eventType": "AwsApiCall" });
            for name in names {
                record[name] = json!({ "x": text });
            }
            let expected = record.clone();
            record["additionalEventData"] = json!([text]);

            let shown = shown_text(&record.to_string()).unwrap();

            prop_assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), expected);
        }
    }
}
