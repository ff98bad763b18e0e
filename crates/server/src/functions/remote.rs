//! Functions elsewhere, invoked as Lambda's API has it.
//!
//! SECURITY: a function elsewhere has credentials of its own, so which values it saw is not known
//! here. The words in which it fails are therefore withheld; it logs where it runs.

use super::post::{PostError, Posting, Reply};
use super::{owner, scrub};
use crate::config::Upstream;
use crate::error::chain;
use base::{AccountId, Clock};
use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use services::ports::{
    Code, Executed, Execution, ExecutionFuture, Executor, FunctionFailure, LogLine, NotExecuted,
    Package,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Calls functions at URLs that the operator listed.
pub(super) struct Remote {
    listed: Vec<Upstream>,
    max_timeout: Duration,
    clock: Arc<dyn Clock>,
}

impl Remote {
    /// At URLs that begin as `listed`.
    pub(super) fn new(listed: Vec<Upstream>, max_timeout: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            listed,
            max_timeout,
            clock,
        }
    }

    /// To where functions of `account` may be.
    fn posting(&self, account: &AccountId) -> Posting {
        let listed = Upstream::for_account(&self.listed, account);
        Posting::new(listed, "lambda", MOST_ANSWERED, Arc::clone(&self.clock))
    }

    async fn run(&self, execution: Execution<'_>) -> Result<Executed, NotExecuted> {
        let Code::Remote { url } = &execution.code else {
            return Err(NotExecuted(FOREIGN.to_owned()));
        };
        let function = &execution.function;
        let mut headers = owner::headers(function)
            .map_err(|_| NotExecuted(String::from("the function's ARN is no header")))?;
        headers.insert(INVOCATION_TYPE, HeaderValue::from_static("RequestResponse"));
        if let Some(context) = execution.client_context {
            let context = HeaderValue::from_str(context);
            let context = context
                .map_err(|_| NotExecuted(String::from("the client context is no header")))?;
            headers.insert(CLIENT_CONTEXT, context);
        }
        let body = base::Plaintext::new(execution.payload.expose().to_vec());
        let timeout = function.timeout.min(self.max_timeout);
        let posting = self.posting(&function.account);
        let begun = Instant::now();
        let replied = tokio::time::timeout(timeout, posting.post(url, headers, body)).await;
        let (outcome, said) = match replied {
            Ok(Ok(reply)) => outcome(reply)?,
            Ok(Err(error)) => (Err(self.unanswered(&error, &execution)?), None),
            Err(_) => {
                let late = FunctionFailure::timed_out(execution.request_id, timeout);
                (Err(late), None)
            }
        };
        let line = |text| LogLine {
            at: self.clock.now(),
            text,
        };
        Ok(Executed {
            outcome,
            log: said.map(line).into_iter().collect(),
            failure_payload: None,
            init_duration: None,
            duration: begun.elapsed(),
            memory_used_mib: None,
        })
    }

    /// A call that was perhaps begun is a failed one.
    fn unanswered(
        &self,
        error: &PostError,
        execution: &Execution<'_>,
    ) -> Result<FunctionFailure, NotExecuted> {
        let why = chain(error);
        let function = &execution.function.arn;
        tracing::warn!(error = why, function, "a function elsewhere did not answer");
        let why = error.told();
        if error.is_unsent() {
            return Err(NotExecuted(format!("the function cannot be called: {why}")));
        }
        let message = format!("RequestId: {} Error: {why}", execution.request_id);
        Ok(scrub::failure("Remote.NoAnswer", &message))
    }
}

impl Executor for Remote {
    fn accepts(&self, owner: &AccountId, package: &Package) -> Result<(), String> {
        match package {
            Package::Remote { url } if self.posting(owner).lists(url) => Ok(()),
            Package::Remote { .. } => Err(chain(&PostError::NotListed)),
            Package::Zip { .. } | Package::Builtin { .. } => Err(FOREIGN.to_owned()),
        }
    }

    fn run<'a>(&'a self, execution: Execution<'a>) -> ExecutionFuture<'a> {
        Box::pin(self.run(execution))
    }
}

type Outcome = Result<base::Plaintext, FunctionFailure>;

/// What a reply means, and a line for the log.
fn outcome(reply: Reply) -> Result<(Outcome, Option<String>), NotExecuted> {
    let header = |name: &HeaderName| {
        reply
            .headers
            .get(name)
            .and_then(|value| word(value.as_bytes()))
    };
    let id = header(&REQUEST_ID).unwrap_or_else(|| String::from("unknown"));
    if reply.status != 200 {
        let code = header(&ERROR_TYPE).unwrap_or_default();
        let text = format!(
            "the function cannot be called: status {} {code}",
            reply.status
        );
        return Err(NotExecuted(text.trim_end().to_owned()));
    }
    let said = format!("Invoked elsewhere, with request id {id} there.");
    if !reply.headers.contains_key(&FUNCTION_ERROR) {
        return Ok((Ok(reply.body), Some(said)));
    }
    let kind = kind(reply.body.expose()).unwrap_or_else(|| String::from("Unhandled"));
    let message = format!("{WITHHELD}, under request id {id}");
    Ok((Err(FunctionFailure { kind, message }), Some(said)))
}

/// `errorType`, if it is the name of a type.
fn kind(payload: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Failure {
        error_type: String,
    }

    let failure: Failure = serde_json::from_slice(payload).ok()?;
    word(failure.error_type.as_bytes())
}

/// `bytes`, if they are a short name or number.
fn word(bytes: &[u8]) -> Option<String> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    let fits = !bytes.is_empty() && bytes.len() <= LONGEST_WORD && bytes.iter().all(is_plain);
    fits.then(|| String::from_utf8_lossy(bytes).into_owned())
}

const FOREIGN: &str = "only functions elsewhere are called";
const WITHHELD: &str = "the function failed; why is in its own log";
const LONGEST_WORD: usize = 100;
/// Lambda's limit and a little.
const MOST_ANSWERED: usize = (6 << 20) + 4_096;

const INVOCATION_TYPE: HeaderName = HeaderName::from_static("x-amz-invocation-type");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("x-amz-client-context");
const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

#[cfg(test)]
mod tests;
