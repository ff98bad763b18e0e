//! Reads of secrets, as events tell of them.

use crate::follow::Followed;
use base::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What is known of the reads of one secret by one principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    pub(crate) reads: u64,
    /// The ARN of the session that made the last one, if the principal is a role.
    pub(crate) session: Option<String>,
    pub(crate) source_ip: String,
    pub(crate) user_agent: String,
    pub(crate) event_id: String,
}

/// One read that gave the value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Read<'a> {
    pub(crate) secret: Cow<'a, str>,
    pub(crate) principal: Cow<'a, str>,
    pub(crate) tally: Tally,
}

impl Tally {
    /// Both together. Events are told in about the order of their times.
    pub(crate) fn add(&mut self, other: Self) {
        let first = self.first.min(other.first);
        let reads = self.reads.saturating_add(other.reads);
        if other.last >= self.last {
            *self = other;
        }
        self.first = first;
        self.reads = reads;
    }

    pub(crate) fn weight(&self) -> usize {
        let session = self.session.as_ref().map_or(0, String::len);
        session + self.source_ip.len() + self.user_agent.len() + self.event_id.len()
    }
}

impl<'a> Read<'a> {
    /// The read that `event` tells of. `None`: it tells of none.
    pub(crate) fn of(event: &'a Followed<'a>) -> Option<Self> {
        let head = &event.head;
        let is_read = head.event_name == "GetSecretValue"
            && head.event_source == super::super::EVENT_SOURCE
            && head.error_code.is_empty();
        if !is_read {
            return None;
        }
        let told: Told<'_> = serde_json::from_slice(event.record).ok()?;
        let at = Timestamp::parse_iso(&head.event_time)?;
        let identity = told.user_identity;
        let role = identity.session_context.session_issuer.arn;
        let (principal, session) = match role.is_empty() {
            false => (role, Some(identity.arn.into_owned())),
            true if identity.arn.is_empty() => (identity.invoked_by, None),
            true => (identity.arn, None),
        };
        Some(Self {
            secret: told.resources.into_iter().next()?.arn,
            principal,
            tally: Tally {
                first: at,
                last: at,
                reads: 1,
                session,
                source_ip: told.source_ip_address.into_owned(),
                user_agent: told.user_agent.chars().take(LONGEST_AGENT).collect(),
                event_id: head.event_id.to_string(),
            },
        })
    }
}

/// The members of an event that say who read what from where.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(borrow)]
    user_identity: UserIdentity<'a>,
    #[serde(borrow, default, rename = "sourceIPAddress")]
    source_ip_address: Cow<'a, str>,
    #[serde(borrow, default)]
    user_agent: Cow<'a, str>,
    #[serde(borrow, default)]
    resources: Vec<Resource<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct UserIdentity<'a> {
    #[serde(borrow)]
    arn: Cow<'a, str>,
    #[serde(borrow)]
    invoked_by: Cow<'a, str>,
    #[serde(borrow)]
    session_context: SessionContext<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SessionContext<'a> {
    #[serde(borrow)]
    session_issuer: SessionIssuer<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SessionIssuer<'a> {
    #[serde(borrow)]
    arn: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(borrow, rename = "ARN")]
    arn: Cow<'a, str>,
}

const LONGEST_AGENT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::EventHead;
    use serde_json::{Value, json};

    const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

    fn event() -> Value {
        json!({
            "userIdentity": { "type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ann" },
            "eventTime": "2026-01-15T12:00:00Z",
            "eventSource": "secretsmanager.amazonaws.com",
            "eventName": "GetSecretValue",
            "sourceIPAddress": "10.0.0.7",
            "userAgent": "x".repeat(300),
            "eventID": "e1",
            "resources": [{ "accountId": "123456789012", "ARN": SECRET }],
        })
    }

    fn read(event: &Value) -> Option<(String, String, Tally)> {
        let record = event.to_string();
        let followed = Followed {
            record: record.as_bytes(),
            head: EventHead::of(record.as_bytes()).unwrap(),
        };
        let read = Read::of(&followed)?;
        Some((
            read.secret.into_owned(),
            read.principal.into_owned(),
            read.tally,
        ))
    }

    fn at(seconds: i64, event_id: &str) -> Tally {
        let moment = Timestamp::from_millis(seconds * 1_000);
        Tally {
            first: moment,
            last: moment,
            reads: 1,
            session: None,
            source_ip: String::new(),
            user_agent: String::new(),
            event_id: event_id.to_owned(),
        }
    }

    #[test]
    fn a_read_says_who_read_what_from_where() {
        let (secret, principal, tally) = read(&event()).unwrap();

        let noon = Timestamp::from_millis(1_768_478_400_000);
        assert_eq!(secret, SECRET);
        assert_eq!(principal, "arn:aws:iam::123456789012:user/ann");
        assert_eq!(
            tally,
            Tally {
                first: noon,
                last: noon,
                reads: 1,
                session: None,
                source_ip: String::from("10.0.0.7"),
                user_agent: "x".repeat(256),
                event_id: String::from("e1"),
            }
        );
    }

    #[test]
    fn a_session_counts_for_its_role_and_a_service_for_itself() {
        let session = "arn:aws:sts::123456789012:assumed-role/app/pod-7";
        let role = "arn:aws:iam::123456789012:role/app";
        let mut of_role = event();
        of_role["userIdentity"] = json!({
            "type": "AssumedRole",
            "arn": session,
            "sessionContext": { "sessionIssuer": { "type": "Role", "arn": role } },
        });
        let mut of_service = event();
        of_service["userIdentity"] = json!({ "invokedBy": "x.amazonaws.com" });

        let (_, by_role, tally) = read(&of_role).unwrap();
        let (_, by_service, _) = read(&of_service).unwrap();

        assert_eq!(
            (by_role.as_str(), tally.session.as_deref()),
            (role, Some(session))
        );
        assert_eq!(by_service, "x.amazonaws.com");
    }

    #[test]
    fn what_gave_no_value_is_no_read() {
        let mut refused = event();
        refused["errorCode"] = json!("AccessDenied");
        let mut other = event();
        other["eventName"] = json!("DescribeSecret");
        let mut elsewhere = event();
        elsewhere["eventSource"] = json!("kms.amazonaws.com");
        let mut of_nothing = event();
        of_nothing["resources"] = json!([]);

        let reads = [refused, other, elsewhere, of_nothing].map(|event| read(&event));

        assert_eq!(reads, [const { None }; 4]);
    }

    #[test]
    fn of_two_tallies_the_later_one_tells_of_the_last_read() {
        let mut in_order = at(10, "early");
        in_order.add(at(20, "late"));
        let mut reversed = at(20, "late");
        reversed.add(at(10, "early"));

        assert_eq!(in_order, reversed);
        assert_eq!((in_order.reads, in_order.event_id.as_str()), (2, "late"));
        assert_eq!(in_order.first, Timestamp::from_millis(10_000));
    }
}
