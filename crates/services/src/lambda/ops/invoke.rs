//! `Invoke`: runs a function, now or soon.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
//!
//! INVARIANT: what comes after a run cannot meet a conflict, so no run is done twice for one request.

use super::QUALIFIED;
use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::lambda::error::Error;
use crate::lambda::function_id::LATEST;
use crate::lambda::model::Function;
use crate::lambda::queue::QueuedEvent;
use crate::lambda::records::Bytes;
use crate::lambda::run::{Call, Ran};
use crate::lambda::shapes::{INVOCATION_TYPE, LOG_TYPE, NAMESPACED_NAME, PAYLOAD, QUALIFIER, TEXT};
use crate::lambda::target::Target;
use crate::operation::{Operation, RestNames};
use crate::ports::{FunctionFailure, LogLine};
use crate::tx::{CommitError, Reply, Tx};
use crate::witness::InPlay;
use base::Plaintext;
use data_encoding::BASE64;
use serde::de::IgnoredAny;
use wire::Body;
use wire::json::Writer;
use wire::rest::{Answer, Http};

pub(crate) struct Invoke;

pub(super) const NAMES: RestNames = RestNames {
    http: &HTTP,
    event_name: "Invoke",
};

static HTTP: Http = Http::new(
    "POST",
    "/2015-03-31/functions/{FunctionName}/invocations",
    200,
)
.query(QUALIFIED)
.headers(&[
    ("InvocationType", "x-amz-invocation-type"),
    ("LogType", "x-amz-log-type"),
    ("ClientContext", "x-amz-client-context"),
    ("DurableExecutionName", "x-amz-durable-execution-name"),
    ("TenantId", "x-amz-tenant-id"),
])
.payload("Payload")
.with_body_of(MOST_GIVEN + 1_024);

wire::input! {
    /// What `Invoke` takes.
    pub(crate) struct Input {
        name: String = required audited "FunctionName" NAMESPACED_NAME,
        invocation_type: Option<String> = audited "InvocationType" INVOCATION_TYPE,
        log_type: Option<String> = audited "LogType" LOG_TYPE,
        client_context: Option<String> = "ClientContext" TEXT,
        durable_name: Option<String> = audited "DurableExecutionName" TEXT,
        payload: Option<Plaintext> = "Payload" PAYLOAD,
        qualifier: Option<String> = audited "Qualifier" QUALIFIER,
        tenant: Option<String> = audited "TenantId" TEXT,
    }
}

impl Operation for Invoke {
    const NAME: &'static str = "Invoke";
    type Input = Input;
    type Output = Answer;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Answer>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.name, input.qualifier.as_deref()).await?;
        let permit = target.permit(cx, Action("lambda:InvokeFunction"))?;

        let function = &target.existing(&permit)?.record;
        input.check()?;
        let answer = match input.invocation_type.as_deref() {
            Some("DryRun") => Answer::new(204, Body::empty()),
            Some("Event") => {
                queue(cx, &mut tx, &permit, function, input);
                Answer::new(202, Body::empty())
            }
            _ => run(cx, function, input).await?,
        };
        let recorded = tx.commit(cx.event(&permit)).await;
        let recorded = recorded.map_err(|error| match error {
            CommitError::LimitReached => Error::Throttled,
            CommitError::Common(error) => Error::Common(error),
        })?;

        Ok(recorded.reply(answer))
    }
}

/// Puts the event into the queue.
fn queue(cx: &Cx<'_>, tx: &mut Tx<'_>, permit: &Permit, function: &Function, input: &Input) {
    let event = QueuedEvent {
        account: function.account.clone(),
        region: function.region.clone(),
        request_id: cx.request_id().to_owned(),
        function: function.name.clone(),
        payload: Bytes(input.payload().into()),
        queued: cx.now(),
        attempts: 0,
        due: cx.now(),
    };
    event.insert(tx, permit);
}

/// Runs the function, and answers with what it returned.
async fn run(cx: &Cx<'_>, function: &Function, input: &Input) -> Result<Answer, Error> {
    let payload = Plaintext::new(input.payload().to_vec());
    let call = Call {
        function,
        request_id: cx.request_id(),
        payload: &payload,
        client_context: input.client_context.as_deref(),
        in_play: InPlay::default(),
    };
    let ran = cx.app.lambda.run(cx.app, call).await?;
    Ok(input.answer(&ran))
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        if self.durable_name.is_some() {
            return Err(Error::unsupported("DurableExecutionName"));
        }
        if self.tenant.is_some() {
            return Err(Error::unsupported("TenantId"));
        }
        let is_event = self.invocation_type.as_deref() == Some("Event");
        let most = if is_event { MOST_QUEUED } else { MOST_GIVEN };
        if self.payload().len() > most {
            return Err(Error::RequestTooLarge(most));
        }
        match serde_json::from_slice::<IgnoredAny>(self.payload()) {
            Ok(_) => Ok(()),
            // SECURITY: the text tells where, and nothing of what was sent.
            Err(error) => Err(Error::InvalidContent(format!(
                "line {}, column {}",
                error.line(),
                error.column()
            ))),
        }
    }

    /// The event. COMPAT: none at all is an empty object.
    fn payload(&self) -> &[u8] {
        match &self.payload {
            Some(payload) if !payload.is_empty() => payload.expose(),
            _ => b"{}",
        }
    }

    fn answer(&self, ran: &Ran) -> Answer {
        let answer = match &ran.answer {
            Ok(payload) => Answer::new(200, Body::copied(payload.expose())),
            Err(failure) => {
                let given = ran.failure_payload.as_ref();
                let body = given.map(|given| Body::copied(given.expose()));
                let body = body.unwrap_or_else(|| failed(failure));
                Answer::new(200, body).with("x-amz-function-error", "Unhandled")
            }
        };
        let answer = answer.with("x-amz-executed-version", LATEST);
        match self.log_type.as_deref() {
            Some("Tail") => answer.with("x-amz-log-result", tail(&ran.log)),
            _ => answer,
        }
    }
}

/// What a function's failure looks like to who called it.
fn failed(failure: &FunctionFailure) -> Body {
    let written = Writer::object(|object| {
        object.text("errorMessage", &failure.message);
        object.text("errorType", &failure.kind);
    });
    written.unwrap_or_else(|_| Body::empty())
}

/// The last 4 KB of a log, as base64.
fn tail(log: &[LogLine]) -> String {
    let mut text = String::new();
    for line in log {
        text.push_str(&line.text);
        text.push('\n');
    }
    let start = text.len().saturating_sub(LONGEST_TAIL);
    let last = text.as_bytes().get(start..).unwrap_or_default();
    BASE64.encode(last)
}

const LONGEST_TAIL: usize = 4_096;
/// 6 MB, as AWS's quota has it.
const MOST_GIVEN: usize = 6_291_456;
/// 1 MB, as AWS's quota has it.
const MOST_QUEUED: usize = 1_048_576;
