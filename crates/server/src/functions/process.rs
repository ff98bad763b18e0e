//! Functions in processes of this host.

use super::address::OwnAddress;
use super::{Ground, scrub};
use crate::error::chain;
use base::{AccountId, Plaintext};
use runner::{Runner, Runtime};
use services::ports::{
    Code, Executed, Execution, ExecutionFuture, Executor, FunctionFailure, Interpreter, LogLine,
    NotExecuted, Package,
};
use services::{NotAllKnown, Witness};
use std::sync::Arc;
use std::time::Duration;

/// Runs zip files in processes.
pub(super) struct InProcesses {
    runner: Runner,
    witness: Arc<Witness>,
    address: Arc<OwnAddress>,
    max_timeout: Duration,
}

impl InProcesses {
    /// Over a runner that has found its isolation.
    pub(super) fn new(runner: Runner, max_timeout: Duration, ground: &Ground<'_>) -> Self {
        Self {
            runner,
            witness: Arc::clone(ground.witness),
            address: Arc::clone(ground.address),
            max_timeout,
        }
    }

    async fn run(&self, execution: Execution<'_>) -> Result<Executed, NotExecuted> {
        // SECURITY: from before the function has its credentials until after it has ended.
        let in_play = execution.in_play.clone();
        let access_key_id = &execution.credentials.access_key_id;
        let _watch = self.witness.watch(access_key_id, &in_play);
        scrub::begin(&execution);
        let request_id = execution.request_id.to_owned();
        let mut gap = None;
        let run = self.adapted(execution)?;
        let ran = self.runner.run_then_scrub(run, || {
            let values = in_play.values();
            gap = values.as_ref().err().copied();
            values.unwrap_or_default()
        });
        let ran = ran.await.map_err(|error| {
            tracing::warn!(
                error = chain(&error),
                request_id,
                "a function did not start"
            );
            NotExecuted(error.to_string())
        })?;
        let executed = told(ran, &request_id);
        Ok(match gap {
            None => executed,
            Some(why) => withheld(executed, why),
        })
    }

    /// The run in the runner's terms.
    fn adapted(&self, execution: Execution<'_>) -> Result<runner::Execution, NotExecuted> {
        let address = self
            .address
            .get()
            .ok_or_else(|| NotExecuted(String::from("the server has not begun to listen yet")))?;
        let function = execution.function;
        let Code::Zip {
            digest,
            bytes,
            runtime,
            handler,
        } = execution.code
        else {
            return Err(foreign());
        };
        let environment = function.environment.into_iter();
        let environment: Result<Vec<_>, NotExecuted> = environment
            .map(|(name, value)| match std::str::from_utf8(value.expose()) {
                Ok(text) => Ok((name, text.to_owned())),
                Err(_) => Err(NotExecuted(format!("the variable `{name}` is not text"))),
            })
            .collect();
        Ok(runner::Execution {
            function_arn: function.arn,
            function_name: function.name,
            version: function.version.to_owned(),
            handler,
            runtime: parsed(&runtime).map_err(NotExecuted)?,
            code: runner::Code::new(bytes, digest),
            environment: environment?,
            credentials: runner::Credentials {
                access_key_id: execution.credentials.access_key_id,
                secret_access_key: execution.credentials.secret_access_key,
                session_token: execution.credentials.session_token,
            },
            region: function.region.to_string(),
            endpoint: Some(address.url.clone()),
            ca_bundle: address.authority.clone(),
            timeout: function.timeout.min(self.max_timeout),
            memory_mib: function.memory_mib,
            request_id: execution.request_id.to_owned(),
            log_stream_name: execution.log_stream.to_owned(),
            payload: Plaintext::new(execution.payload.expose().to_vec()),
        })
    }
}

impl Executor for InProcesses {
    fn accepts(&self, _: &AccountId, package: &Package) -> Result<(), String> {
        match package {
            Package::Zip { runtime } => parsed(runtime).map(drop),
            Package::Builtin { .. } | Package::Remote { .. } => Err(foreign().0),
        }
    }

    fn interpreters(&self) -> Result<Vec<Interpreter>, String> {
        let found = self.runner.runtimes().iter();
        let found = found.map(|found| Interpreter {
            runtime: found.runtime.name(),
            has_boto3: found.boto3,
        });
        Ok(found.collect())
    }

    fn run<'a>(&'a self, execution: Execution<'a>) -> ExecutionFuture<'a> {
        Box::pin(self.run(execution))
    }
}

/// Stands for processes that cannot be isolated, and says why.
pub(super) struct Unavailable(pub(super) String);

impl Executor for Unavailable {
    fn accepts(&self, _: &AccountId, package: &Package) -> Result<(), String> {
        match package {
            // It may be stored: the host may be put right.
            Package::Zip { runtime } => parsed(runtime).map(drop),
            Package::Builtin { .. } | Package::Remote { .. } => Err(foreign().0),
        }
    }

    fn interpreters(&self) -> Result<Vec<Interpreter>, String> {
        Err(self.0.clone())
    }

    fn run<'a>(&'a self, _: Execution<'a>) -> ExecutionFuture<'a> {
        Box::pin(async { Err(NotExecuted(self.0.clone())) })
    }
}

fn parsed(runtime: &str) -> Result<Runtime, String> {
    Runtime::parse(runtime).ok_or_else(|| format!("there is no runtime `{runtime}` on this server"))
}

fn foreign() -> NotExecuted {
    NotExecuted(String::from("only zip files run in processes"))
}

/// What became of the run.
fn told(ran: runner::Executed, request_id: &str) -> Executed {
    let failure = ran.outcome.failure(request_id);
    let failure_payload = ran.outcome.error_payload(request_id).map(Plaintext::new);
    let lines = ran.log.into_iter().map(|line| LogLine {
        at: line.timestamp,
        text: line.text,
    });
    let outcome = match (ran.outcome, failure) {
        (runner::Outcome::Returned(payload), _) => Ok(payload),
        (_, failure) => {
            let (kind, message) = failure.unwrap_or_default();
            Err(scrub::failure(&kind, &message))
        }
    };
    Executed {
        outcome,
        failure_payload,
        log: lines.collect(),
        init_duration: ran.init_duration,
        duration: ran.duration,
        memory_used_mib: u32::try_from(ran.max_memory_bytes.div_ceil(1 << 20)).ok(),
    }
}

fn withheld(executed: Executed, why: NotAllKnown) -> Executed {
    let (payload, failure) = match executed.outcome {
        Ok(payload) => (Some(payload), None),
        Err(failure) => (None, Some(failure)),
    };
    let (log, failure) = scrub::withheld(&executed.log, failure, why);
    let outcome = match (payload, failure) {
        (Some(payload), _) => Ok(payload),
        (None, failure) => Err(failure.unwrap_or(FunctionFailure {
            kind: String::new(),
            message: String::new(),
        })),
    };
    Executed {
        outcome,
        failure_payload: None,
        log,
        ..executed
    }
}

#[cfg(test)]
mod tests;
