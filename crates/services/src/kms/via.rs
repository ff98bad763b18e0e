//! A call that another service makes to KMS in its caller's name: what policies and the audit record
//! see of it.

use super::error::Error;
use crate::audit::{self, Facts, Outcome};
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::ports::{DataKeyCall, DataKeyError, EncryptionContext};
use base::{AccountId, AwsError, CommonError, random_uuid};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// One call.
pub(super) struct Via<'a> {
    call: DataKeyCall<'a>,
    operation: &'static str,
    request_id: String,
    parameters: Option<Box<RawValue>>,
}

/// What was asked for, as the event of a call shows it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key_spec: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encryption_algorithm: Option<&'static str>,
    #[serde(serialize_with = "as_map")]
    pub(super) encryption_context: EncryptionContext<'a>,
}

impl<'a> Parameters<'a> {
    pub(super) fn of(encryption_context: EncryptionContext<'a>) -> Self {
        Self {
            encryption_context,
            ..Self::default()
        }
    }
}

/// What came of a call, and what its event says of it.
pub(super) struct Done<T> {
    pub(super) output: T,
    /// The key.
    pub(super) arn: String,
    pub(super) account: AccountId,
    /// Whose leave it was, if anybody's.
    pub(super) permit: Option<Permit>,
}

impl<'a> Via<'a> {
    pub(super) fn new(
        call: DataKeyCall<'a>,
        operation: &'static str,
        parameters: &Parameters<'_>,
    ) -> Self {
        Self {
            call,
            operation,
            request_id: random_uuid(call.cx.entropy()),
            parameters: to_raw_value(parameters).ok(),
        }
    }

    /// What is known of the call: all that is known of the request behind it, but where it comes from.
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            event_source: super::EVENT_SOURCE,
            event_name: self.operation,
            read_only: true,
            request_id: &self.request_id,
            request_parameters: self.parameters.as_deref(),
            ..self.call.cx.facts.made_by(self.call.service)
        }
    }

    /// The call as an operation of KMS sees it.
    pub(super) fn cx<'b>(&'b self, facts: &'b Facts<'b>) -> Cx<'b> {
        Cx {
            app: self.call.cx.app,
            service: &super::SERVICE,
            principal: self.call.cx.principal,
            region: self.call.region,
            facts,
            within: None,
        }
    }

    /// Notes the event of the call with those of the request, and gives the answer.
    ///
    /// # Errors
    /// Why KMS refused.
    pub(super) fn conclude<T>(&self, done: Result<Done<T>, Error>) -> Result<T, DataKeyError> {
        match done {
            Ok(done) => {
                let outcome = Outcome {
                    resource: Some(&done.arn),
                    resource_account: Some(done.account.as_str()),
                    decision: done.permit.as_ref().and_then(Permit::decided),
                    ..Outcome::default()
                };
                self.note(outcome);
                Ok(done.output)
            }
            Err(error) => {
                let text = error.client_message();
                let outcome = Outcome {
                    error: Some((error.code(), &text)),
                    decision: error.decided(),
                    ..Outcome::default()
                };
                self.note(outcome);
                Err(self.refusal(error))
            }
        }
    }

    fn note(&self, outcome: Outcome<'_>) {
        let event_id = random_uuid(self.call.cx.entropy());
        let line = audit::api_call(&self.facts(), &event_id, outcome);
        self.call.cx.facts.downstream.lock().push(line);
    }

    /// As the SDK of the calling service words it (behaviour reference §12.3).
    fn refusal(&self, error: Error) -> DataKeyError {
        let message = match error.client_message() {
            text if text.is_empty() => String::from("null"),
            text => text,
        };
        let text = format!(
            "{message} (Service: AWSKMS; Status Code: {}; Error Code: {}; Request ID: {}; Proxy: \
             null)",
            error.status(),
            error.code(),
            self.request_id
        );
        match error {
            Error::Common(CommonError::AccessDenied(denial)) => {
                DataKeyError::Denied(denial.decided)
            }
            Error::Common(error) => DataKeyError::Common(error),
            Error::AliasNotFound(_)
            | Error::InvalidKeyId(_)
            | Error::KeyNotFound(_)
            | Error::OtherRegion(_) => DataKeyError::NoSuchKey(text),
            _ => DataKeyError::Refused(text),
        }
    }
}

fn as_map<S: Serializer>(
    context: &EncryptionContext<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(context.iter().copied())
}
