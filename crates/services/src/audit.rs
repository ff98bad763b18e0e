//! The audit seam: one CloudTrail-shaped event for every answer, and the sink that takes it.
//!
//! INVARIANT: an event never carries a secret value, a token or key material. It is built from
//! named facts and from `request_parameters`, which hold only members that their operation
//! declared `audited`.

mod head;
mod shown;

pub(crate) use self::head::EventHead;
pub(crate) use self::shown::shown;

use crate::authorize::Permit;
use crate::endpoint::PrivateEndpoint;
use crate::identity::{Identity, Principal, Session, Vouched, WebIdentity};
use base::{AccountId, Decided, Timestamp};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::value::RawValue;
use std::future::Future;
use std::pin::Pin;

/// Takes audit events: a file today, more kinds of sinks later.
pub trait AuditSink: Send + Sync {
    /// Resolves when the event is in the log.
    ///
    /// # Errors
    /// When it could not be written within the sink's deadline. The caller then refuses the
    /// request: no answer leaves without its record.
    fn append(&self, entry: AuditEntry) -> AppendFuture<'_>;
}

/// What [`AuditSink::append`] returns.
pub type AppendFuture<'a> = Pin<Box<dyn Future<Output = Result<(), AuditError>> + Send + 'a>>;

/// One event on its way into the log.
pub struct AuditEntry {
    /// One JSON object without a newline.
    pub line: Vec<u8>,
    /// Its number in the store's outbox, when it was committed together with a change.
    pub outbox: Option<u64>,
}

/// The event could not be written. The text is for the operator.
#[derive(Debug, thiserror::Error)]
#[error("the audit log did not take the event: {0}")]
pub struct AuditError(pub String);

/// Who asked, from where, and what: the part of an event that is known before the operation runs.
pub(crate) struct Facts<'a> {
    pub(crate) event_source: &'a str,
    pub(crate) event_name: &'a str,
    pub(crate) read_only: bool,
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    pub(crate) source_ip: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) principal: Option<&'a Principal>,
    /// Who it is that nobody signs for.
    pub(crate) vouched: &'a Vouched,
    pub(crate) access_key_id: Option<&'a str>,
    pub(crate) referer: Option<&'a str>,
    /// Whether the request came over TLS.
    pub(crate) is_secure: bool,
    /// The private endpoint that it came through.
    pub(crate) endpoint: Option<&'a PrivateEndpoint>,
    /// The service that makes the call in its caller's name, such as
    /// `secretsmanager.amazonaws.com`. `None` for a call of the caller's own.
    pub(crate) via: Option<&'static str>,
    /// The service that calls in a name of its own, where no principal does.
    pub(crate) calling_service: Option<&'a str>,
    /// What the request made other services do.
    pub(crate) downstream: &'a Downstream,
    /// A JSON object of the audited members, or `None` when the body was never understood.
    pub(crate) request_parameters: Option<&'a RawValue>,
}

impl<'a> Facts<'a> {
    /// Those of a call that the service `by` makes in the caller's name: it comes from the service,
    /// and not by the private endpoint that the request may have come by.
    pub(crate) fn made_by(&self, by: &'static str) -> Self {
        Self {
            source_ip: by,
            user_agent: by,
            endpoint: None,
            referer: None,
            via: Some(by),
            ..*self
        }
    }
}

/// The lines of calls that a request made to other services, until they are recorded with its own:
/// whether it is answered or refused.
pub(crate) type Downstream = Mutex<Vec<Vec<u8>>>;

/// What an operation adds to the [`Facts`].
#[derive(Default)]
pub(crate) struct Outcome<'a> {
    pub(crate) error: Option<(&'a str, &'a str)>,
    pub(crate) resource: Option<&'a str>,
    pub(crate) resource_account: Option<&'a str>,
    /// Leave for one more resource, which the event names first: where it came from.
    pub(crate) source: Option<&'a Permit>,
    pub(crate) response_elements: Option<serde_json::Value>,
    pub(crate) decision: Option<&'a Decided>,
}

impl<'a> Outcome<'a> {
    /// Of a call that had leave: for which resource, and by what decision.
    pub(crate) fn permitted(permit: &'a Permit) -> Self {
        Self {
            resource: permit.resource(),
            resource_account: permit.resource_account().map(AccountId::as_str),
            decision: permit.decided(),
            ..Self::default()
        }
    }
}

/// Writes the event of one API call as a JSON line (CloudTrail record, event version 1.08).
pub(crate) fn api_call(facts: &Facts<'_>, event_id: &str, outcome: Outcome<'_>) -> Vec<u8> {
    let (error_code, error_message) = outcome.error.unzip();
    let own_account = facts
        .principal
        .map(|principal| principal.account().as_str());
    let record = Record {
        event_version: EVENT_VERSION,
        user_identity: UserIdentity::of(facts),
        event_time: facts.now.to_iso(),
        event_source: facts.event_source,
        event_name: facts.event_name,
        aws_region: facts.region,
        source_ip_address: facts.source_ip,
        user_agent: facts.user_agent,
        error_code,
        error_message,
        request_parameters: facts.request_parameters,
        response_elements: outcome.response_elements,
        additional_event_data: outcome.decision.map(|decision| Additional::Decision {
            decision,
            source_decision: outcome.source.and_then(Permit::decided),
        }),
        request_id: facts.request_id,
        event_id,
        vpc_endpoint_id: facts.endpoint.map(PrivateEndpoint::id),
        read_only: facts.read_only,
        resources: outcome.resource.map(|arn| {
            let own = Resource::of(arn, outcome.resource_account.or(own_account));
            let source = outcome.source.and_then(Resource::permitted);
            source.into_iter().chain([own]).collect()
        }),
        event_type: "AwsApiCall",
        management_event: true,
        recipient_account_id: outcome.resource_account.or(own_account),
        event_category: "Management",
    };
    to_line(&record)
}

/// What a service did by itself, on nobody's call at that moment.
pub(crate) struct ServiceEvent<'a> {
    pub(crate) event_source: &'a str,
    pub(crate) event_name: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    /// What it made, in the words of the API's own event of the kind.
    pub(crate) response_elements: Option<serde_json::Value>,
    pub(crate) additional: serde_json::Value,
}

impl ServiceEvent<'_> {
    /// The event as a JSON line (CloudTrail's `AwsServiceEvent`).
    pub(crate) fn to_line(&self, event_id: &str) -> Vec<u8> {
        self.line(event_id, None)
    }

    /// The same of something that failed.
    pub(crate) fn to_failure_line(&self, event_id: &str, error_message: &str) -> Vec<u8> {
        self.line(event_id, Some(error_message))
    }

    fn line(&self, event_id: &str, error_message: Option<&str>) -> Vec<u8> {
        to_line(&Record {
            event_version: EVENT_VERSION,
            user_identity: UserIdentity {
                account_id: Some(self.account),
                invoked_by: Some(self.event_source),
                ..UserIdentity::default()
            },
            event_time: self.now.to_iso(),
            event_source: self.event_source,
            event_name: self.event_name,
            aws_region: self.region,
            source_ip_address: self.event_source,
            user_agent: self.event_source,
            error_code: None,
            error_message,
            request_parameters: None,
            response_elements: self.response_elements.clone(),
            additional_event_data: Some(Additional::Other(&self.additional)),
            request_id: self.request_id,
            event_id,
            vpc_endpoint_id: None,
            read_only: false,
            resources: None,
            event_type: "AwsServiceEvent",
            management_event: true,
            recipient_account_id: Some(self.account),
            event_category: "Management",
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'a str,
    user_identity: UserIdentity<'a>,
    event_time: String,
    event_source: &'a str,
    event_name: &'a str,
    aws_region: &'a str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: Option<&'a RawValue>,
    response_elements: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_event_data: Option<Additional<'a>>,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    #[serde(rename = "vpcEndpointId", skip_serializing_if = "Option::is_none")]
    vpc_endpoint_id: Option<&'a str>,
    read_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Vec<Resource<'a>>>,
    event_type: &'a str,
    management_event: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_account_id: Option<&'a str>,
    event_category: &'a str,
}

/// What an event says beyond CloudTrail's common members.
#[derive(Serialize)]
#[serde(untagged)]
enum Additional<'a> {
    Decision {
        decision: &'a Decided,
        #[serde(rename = "sourceDecision", skip_serializing_if = "Option::is_none")]
        source_decision: Option<&'a Decided>,
    },
    Other(&'a serde_json::Value),
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_context: Option<SessionContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoked_by: Option<&'a str>,
}

/// What temporary credentials say (CloudTrail's `sessionContext`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    session_issuer: Option<SessionIssuer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<&'a str>,
    attributes: SessionAttributes,
}

/// The role that a session is of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionIssuer<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    principal_id: &'a str,
    arn: String,
    account_id: &'a str,
    user_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionAttributes {
    creation_date: String,
    mfa_authenticated: &'static str,
}

impl<'a> UserIdentity<'a> {
    fn of(facts: &Facts<'a>) -> Self {
        let access_key_id = facts.access_key_id;
        match facts.principal {
            Some(principal) => Self {
                kind: Some(principal.kind()),
                principal_id: Some(principal.id()),
                arn: Some(principal.arn()),
                account_id: Some(principal.account().as_str()),
                access_key_id,
                user_name: match principal.identity() {
                    Identity::User(user) => Some(&user.name),
                    Identity::Root | Identity::Role(_) => None,
                },
                session_context: principal
                    .session()
                    .map(|session| SessionContext::of(principal, session)),
                invoked_by: facts.via,
                ..Self::default()
            },
            None if facts.calling_service.is_some() => Self {
                kind: Some("AWSService"),
                invoked_by: facts.calling_service,
                ..Self::default()
            },
            None => match facts.vouched.get() {
                Some(web_identity) => Self::of_web_identity(web_identity),
                None => Self {
                    kind: Some("Unknown"),
                    access_key_id,
                    ..Self::default()
                },
            },
        }
    }

    fn of_web_identity(web_identity: &'a WebIdentity) -> Self {
        Self {
            kind: Some("WebIdentityUser"),
            principal_id: Some(web_identity.id()),
            user_name: Some(&web_identity.subject),
            identity_provider: Some(&web_identity.provider),
            ..Self::default()
        }
    }
}

impl<'a> SessionContext<'a> {
    fn of(principal: &'a Principal, session: &'a Session) -> Self {
        let session_issuer = match principal.identity() {
            Identity::Role(role) => Some(SessionIssuer {
                kind: "Role",
                principal_id: &role.id,
                arn: role.arn(),
                account_id: role.account.as_str(),
                user_name: &role.name,
            }),
            Identity::Root | Identity::User(_) => None,
        };
        Self {
            session_issuer,
            source_identity: session.source_identity.as_deref(),
            attributes: SessionAttributes {
                creation_date: session.issued.to_iso(),
                mfa_authenticated: "false",
            },
        }
    }
}

#[derive(Serialize)]
struct Resource<'a> {
    #[serde(rename = "accountId", skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(rename = "ARN")]
    arn: &'a str,
}

impl<'a> Resource<'a> {
    fn of(arn: &'a str, account_id: Option<&'a str>) -> Self {
        Self {
            account_id,
            kind: kind_of(arn),
            arn,
        }
    }

    fn permitted(permit: &'a Permit) -> Option<Self> {
        let account = permit.resource_account().map(AccountId::as_str);
        Some(Self::of(permit.resource()?, account))
    }
}

/// What CloudTrail calls the type of a resource, where it names one.
fn kind_of(arn: &str) -> Option<&'static str> {
    let mut parts = arn.splitn(6, ':');
    let is_key = parts.nth(2) == Some("kms") && parts.nth(2)?.starts_with("key/");
    is_key.then_some("AWS::KMS::Key")
}

fn to_line(record: &Record<'_>) -> Vec<u8> {
    let mut line = Vec::with_capacity(USUAL_LINE);
    match serde_json::to_writer(&mut line, record) {
        Ok(()) => line,
        // A record of strings and JSON values always serializes; an empty line would be refused by
        // every sink, so even the impossible case fails closed.
        Err(_) => Vec::new(),
    }
}

const EVENT_VERSION: &str = "1.08";
/// Bytes that most events fit in.
const USUAL_LINE: usize = 1_536;

#[cfg(test)]
mod tests;
