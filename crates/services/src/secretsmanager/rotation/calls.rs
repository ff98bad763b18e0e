//! Calls of rotation functions: what they are given, and what comes of them.

use super::run::{Failure, LastCall, LogPlace, Run};
use crate::ports::{FunctionsError, Invocation, Invoker};
use crate::secretsmanager::EVENT_SOURCE;
use base::{AccountId, CommonError, Plaintext};
use serde::Serialize;

/// In whose name functions are called for the secret `arn`.
pub(crate) fn invoker<'a>(arn: &'a str, account: &'a AccountId) -> Invoker<'a> {
    Invoker {
        service: EVENT_SOURCE,
        source_arn: arn,
        source_account: account,
    }
}

/// What came of a call.
pub(super) enum Answer {
    Returned(Result<Invocation, FunctionsError>),
    TookTooLong,
}

/// Where the lines of a call are, and why it failed.
pub(super) fn read(answer: Answer) -> LastCall {
    let failure = |kind: &str, message: String| {
        Some(Failure {
            kind: kind.to_owned(),
            message,
        })
    };
    let (log, failure) = match answer {
        Answer::TookTooLong => {
            let message = String::from("the function did not end in time");
            (None, failure("Timeout", message))
        }
        Answer::Returned(Ok(invocation)) => {
            let log = LogPlace {
                request_id: invocation.request_id,
                group: invocation.log_group,
                stream: invocation.log_stream,
            };
            let failed = invocation.answer.err();
            let failed = failed.and_then(|failed| failure(&failed.kind, failed.message));
            (Some(log), failed)
        }
        Answer::Returned(Err(error)) => {
            let kind = match &error {
                FunctionsError::NotInvocable => "AccessDenied",
                FunctionsError::Throttled => BUSY,
                FunctionsError::NotStarted(_) => "NotStarted",
                FunctionsError::Common(_) => "Internal",
            };
            if let FunctionsError::Common(CommonError::Internal(cause)) = &error {
                tracing::error!(%cause, "a rotation function could not be called");
            }
            (None, failure(kind, error.to_string()))
        }
    };
    LastCall { log, failure }
}

/// What the function is given (behaviour reference §6.2).
///
/// SECURITY: written into room that is large enough, so that no growing leaves a copy of the token.
pub(super) fn payload(run: &Run, arn: &str) -> Result<Plaintext, CommonError> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Payload<'a> {
        step: &'static str,
        secret_id: &'a str,
        client_request_token: &'a str,
        rotation_token: &'a str,
    }

    let mut bytes = Vec::with_capacity(arn.len().saturating_add(PAYLOAD_ROOM));
    let payload = Payload {
        step: run.step.name(),
        secret_id: arn,
        client_request_token: &run.id,
        rotation_token: run.rotation_token.expose(),
    };
    serde_json::to_writer(&mut bytes, &payload).map_err(CommonError::internal)?;
    Ok(Plaintext::new(bytes))
}

/// The kind of failure of a function that was not called because too many calls run.
pub(super) const BUSY: &str = "Throttled";

/// More than the other members of a payload take.
const PAYLOAD_ROOM: usize = 2_048;
