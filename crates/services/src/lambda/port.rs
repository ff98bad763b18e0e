//! Functions as other services of this server call them: in their own name, for a resource.

use super::EVENT_SOURCE;
use super::function_id::FunctionId;
use super::model::Function;
use super::run::{Call, Lambda, NotRun, Ran};
use super::run_log::RunLog;
use super::target::Target;
use crate::app::App;
use crate::audit::{self, Facts, Outcome};
use crate::authorize::{self, Action, Permit};
use crate::context::Keys;
use crate::cx::Cx;
use crate::ports::{
    Functions, FunctionsError, Invocation, Invoker, LogLines, LoginFuture, LoginTrial, NOWHERE,
    NotExecuted, PortFuture,
};
use crate::service_call::{Called, ServiceCall};
use crate::tx::Lines;
use crate::witness::InPlay;
use base::{CommonError, Plaintext, random_uuid};
use serde_json::json;
use serde_json::value::to_raw_value;
use std::sync::Arc;

impl Functions for Lambda {
    fn arn_of(&self, function: &str) -> Option<String> {
        let id = FunctionId::of_arn(function).filter(FunctionId::is_latest)?;
        Some(id.arn())
    }

    fn assignable<'a>(
        &'a self,
        cx: &'a Cx<'a>,
        function: &'a str,
        invoker: Invoker<'a>,
    ) -> PortFuture<'a, (), FunctionsError> {
        Box::pin(self.check(cx, function, invoker))
    }

    fn invoke<'a>(
        &'a self,
        app: &'a App,
        function: &'a str,
        invoker: Invoker<'a>,
        payload: &'a Plaintext,
        in_play: &'a InPlay,
    ) -> PortFuture<'a, Invocation, FunctionsError> {
        Box::pin(self.call(app, function, invoker, Given { payload, in_play }))
    }

    fn can_check<'a>(
        &'a self,
        app: &'a App,
        function: &'a str,
    ) -> PortFuture<'a, bool, CommonError> {
        Box::pin(self.knows_check(app, function))
    }

    fn log_in<'a>(&'a self, trial: LoginTrial<'a>) -> LoginFuture<'a> {
        match &self.executors.builtin {
            Some(builtin) => builtin.log_in(trial),
            None => Box::pin(async { Err(NotExecuted(String::from(NOWHERE))) }),
        }
    }

    fn log_lines<'a>(
        &'a self,
        app: &'a App,
        lines: LogLines<'a>,
    ) -> PortFuture<'a, Vec<String>, CommonError> {
        Box::pin(Self::last_lines(app, lines))
    }
}

impl Lambda {
    async fn check(
        &self,
        cx: &Cx<'_>,
        arn: &str,
        invoker: Invoker<'_>,
    ) -> Result<(), FunctionsError> {
        let id = FunctionId::of_arn(arn).filter(|id| id.region == *cx.region);
        let id = id.ok_or(FunctionsError::NotInvocable)?;
        let mut tx = cx.begin();
        let target = Target::find(&mut tx, id).await?;
        let permit = target.permit(cx, INVOKE)?;
        let Ok(function) = target.existing(&permit) else {
            return Err(FunctionsError::NotInvocable);
        };
        let service = ServiceCall::new(cx.request_id());
        let facts = service.facts(called(target.id(), invoker, cx.now()));
        leave(&target, invoker, &facts).map_err(not_invocable)?;
        match self.refusal(&function.record.form) {
            Some(why) => Err(FunctionsError::NotStarted(why)),
            None => Ok(()),
        }
    }

    async fn call(
        &self,
        app: &App,
        arn: &str,
        invoker: Invoker<'_>,
        given: Given<'_>,
    ) -> Result<Invocation, FunctionsError> {
        let id = FunctionId::of_arn(arn).ok_or(FunctionsError::NotInvocable)?;
        let request_id = random_uuid(app.entropy.as_ref());
        let service = ServiceCall::new(request_id.as_str());
        let parameters = json!({ "functionName": arn, "invocationType": "RequestResponse" });
        let parameters = to_raw_value(&parameters).ok();
        let target = Target::find(&mut app.ledger.begin_reading(), id).await?;
        let facts = service.facts(Called {
            parameters: parameters.as_deref(),
            ..called(target.id(), invoker, app.clock.now())
        });
        let outcome = self.permitted(app, &target, invoker, &facts, &request_id, given);
        let outcome = outcome.await;
        match &outcome {
            Ok((permit, ran)) => {
                let log = RunLog::of(&request_id, ran.ended, &ran.log);
                let mut tx = app.ledger.begin();
                tx.insert(permit, log);
                let line = line(app, &facts, Ok(permit));
                let committed = tx.commit(Lines::of(line)).await;
                committed.map_err(CommonError::internal)?;
            }
            Err(refusal) => {
                let line = line(app, &facts, Err(refusal));
                let recorded = app.ledger.record(line, Vec::new()).await;
                recorded.map_err(CommonError::internal)?;
            }
        }
        match outcome {
            Ok((_, ran)) => Ok(Invocation {
                request_id,
                log_group: ran.log_group,
                log_stream: ran.log_stream,
                answer: ran.answer,
            }),
            Err(FunctionsError::Common(error)) => Err(not_invocable(error)),
            Err(refusal) => Err(refusal),
        }
    }

    async fn knows_check(&self, app: &App, arn: &str) -> Result<bool, CommonError> {
        let Some(id) = FunctionId::of_arn(arn) else {
            return Ok(false);
        };
        let key = Function::key_of(&id.account, &id.region, &id.name);
        let found = app.ledger.begin_reading().get::<Function>(&key).await?;
        let executor = found.as_ref().zip(self.executors.builtin.as_ref());
        Ok(executor.is_some_and(|(found, builtin)| builtin.can_check(&found.record.form)))
    }

    async fn last_lines(app: &App, lines: LogLines<'_>) -> Result<Vec<String>, CommonError> {
        let key = RunLog::key_of(lines.request_id);
        let found = app.ledger.begin_reading().get::<RunLog>(&key).await?;
        let mut kept = found.map_or_else(Vec::new, |found| found.record.lines.clone());
        let first = kept.len().saturating_sub(lines.most);
        kept.drain(..first);
        Ok(kept)
    }

    async fn permitted(
        &self,
        app: &App,
        target: &Target,
        invoker: Invoker<'_>,
        facts: &Facts<'_>,
        request_id: &str,
        given: Given<'_>,
    ) -> Result<(Permit, Ran), FunctionsError> {
        let permit = leave(target, invoker, facts)?;
        let Ok(found) = target.existing(&permit) else {
            return Err(FunctionsError::NotInvocable);
        };
        let function: Arc<Function> = Arc::clone(&found.record);
        let call = Call {
            function: &function,
            request_id,
            payload: given.payload,
            client_context: None,
            in_play: given.in_play.clone(),
        };
        Ok((permit, self.run(app, call).await?))
    }
}

/// What a function is called with.
#[derive(Clone, Copy)]
struct Given<'a> {
    payload: &'a Plaintext,
    in_play: &'a InPlay,
}

/// What is known of a call of `invoker`'s.
fn called<'a>(id: &'a FunctionId, invoker: Invoker<'a>, now: base::Timestamp) -> Called<'a> {
    Called {
        by: invoker.service,
        role: None,
        event_source: EVENT_SOURCE,
        event_name: "Invoke",
        region: &id.region,
        now,
        parameters: None,
    }
}

/// Whether the function's own policy lets the service call it for that resource.
fn leave(target: &Target, invoker: Invoker<'_>, facts: &Facts<'_>) -> Result<Permit, CommonError> {
    let keys = Keys::none()
        .text("aws:sourcearn", invoker.source_arn)
        .text("aws:sourceaccount", invoker.source_account.as_str())
        .text("lambda:functionarn", target.id().arn());
    authorize::service_may(invoker.service, facts, INVOKE, &target.resource(), &keys)
}

fn not_invocable(error: CommonError) -> FunctionsError {
    match error {
        CommonError::AccessDenied(_) => FunctionsError::NotInvocable,
        error => FunctionsError::Common(error),
    }
}

/// CloudTrail's event of the call.
fn line(app: &App, facts: &Facts<'_>, outcome: Result<&Permit, &FunctionsError>) -> Vec<u8> {
    let text = outcome.err().map(ToString::to_string).unwrap_or_default();
    let outcome = match outcome {
        Ok(permit) => Outcome::permitted(permit),
        Err(refusal) => Outcome {
            error: Some((code(refusal), text.as_str())),
            decision: match refusal {
                FunctionsError::Common(CommonError::AccessDenied(denial)) => {
                    denial.decided.as_deref()
                }
                _ => None,
            },
            ..Outcome::default()
        },
    };
    audit::api_call(facts, &random_uuid(app.entropy.as_ref()), outcome)
}

/// What a caller of the API would have been told.
fn code(refusal: &FunctionsError) -> &'static str {
    match refusal {
        FunctionsError::NotInvocable => "AccessDeniedException",
        FunctionsError::Throttled => "TooManyRequestsException",
        FunctionsError::NotStarted(_) => "ResourceConflictException",
        FunctionsError::Common(error) => super::error::COMMON.of(error).0,
    }
}

impl From<NotRun> for FunctionsError {
    fn from(refusal: NotRun) -> Self {
        match refusal {
            NotRun::NotStarted(why) => Self::NotStarted(why),
            NotRun::RoleNotAssumable => {
                Self::NotStarted(super::error::Error::RoleNotAssumable.to_string())
            }
            NotRun::Throttled => Self::Throttled,
            NotRun::Common(error) => Self::Common(error),
        }
    }
}

const INVOKE: Action = Action("lambda:InvokeFunction");

#[cfg(test)]
mod tests;
