//! One run of a function, from its role's credentials to its log.
//!
//! - SECURITY: that Lambda assumed the role is in the audit log before the function begins: without
//!   an audit log nothing runs.
//! - SECURITY: role, policies and code are read at each run, so what was taken away counts.
//! - A run ends at its timeout: the executor sees to that, and is given up a little later.
//! - Logs are written when the run has ended, as the function's role may; the caller has the lines in
//!   either case.

mod report;
mod session;

use super::EVENT_SOURCE;
use super::configuration::log_group;
use super::environment::Environment;
use super::error::Error;
use super::function_id::LATEST;
use super::model::Function;
use super::package::executor_of;
use super::records::FunctionCode;
use super::role_api::RoleApi;
use super::running::{Concurrency, Running};
use super::runtimes;
use crate::app::App;
use crate::ports::{
    Code, Executed, Execution, Executor, Executors, FunctionConfiguration, FunctionFailure,
    LogLine, Package, PutLog,
};
use crate::witness::InPlay;
use base::{AccountId, CommonError, Plaintext, Timestamp, random_uuid};
use std::sync::Arc;
use std::time::Duration;

/// Lambda: what runs functions, and how many at once.
pub struct Lambda {
    pub(super) executors: Executors,
    running: Running,
}

/// What a function is called with.
pub(super) struct Call<'a> {
    pub(super) function: &'a Function,
    pub(super) request_id: &'a str,
    pub(super) payload: &'a Plaintext,
    pub(super) client_context: Option<&'a str>,
    /// What its log is to be cleaned of beside its own values.
    pub(super) in_play: InPlay,
}

/// What became of a run.
pub(super) struct Ran {
    pub(super) log_group: String,
    pub(super) log_stream: String,
    pub(super) ended: Timestamp,
    pub(super) log: Vec<LogLine>,
    pub(super) answer: Result<Plaintext, FunctionFailure>,
    /// What is answered in place of the failure's two members.
    pub(super) failure_payload: Option<Plaintext>,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotRun {
    /// There is nothing to run it, or that could not start it. The text is for its owner.
    #[error("{0}")]
    NotStarted(String),
    /// Lambda may not assume its role.
    #[error("the role of the function does not trust Lambda")]
    RoleNotAssumable,
    /// Too many run at the moment.
    #[error("too many functions run at once")]
    Throttled,
    /// A failure of ours.
    #[error(transparent)]
    Common(#[from] CommonError),
}

impl Default for Lambda {
    /// Lambda that runs nothing.
    fn default() -> Self {
        Self::new(Executors::default(), Concurrency::default())
    }
}

impl Lambda {
    /// Lambda over these executors.
    pub fn new(executors: Executors, concurrency: Concurrency) -> Self {
        Self {
            executors,
            running: Running::new(concurrency),
        }
    }

    /// Whether a function of `owner` could be made of `package` and run here.
    pub(crate) fn runs(&self, owner: &AccountId, package: &Package) -> bool {
        let executor = executor_of(package, &self.executors);
        executor.is_ok_and(|executor| executor.accepts(owner, package).is_ok())
    }

    /// The runtime for a function of Python that may have any: the newest that runs here.
    ///
    /// # Errors
    /// Why no function of Python runs here.
    pub(crate) fn python(&self) -> Result<&'static str, String> {
        let package = Package::Zip {
            runtime: String::from("python3"),
        };
        let interpreters = executor_of(&package, &self.executors)?.interpreters()?;
        runtimes::python(&interpreters).ok_or_else(|| String::from(NO_PYTHON))
    }

    /// Why functions of this form cannot run here, if they cannot.
    pub(super) fn refusal(&self, form: &Package) -> Option<String> {
        executor_of(form, &self.executors).err()
    }

    /// Runs a function, and waits for its end.
    ///
    /// # Errors
    /// [`NotRun`] when it did not begin.
    pub(super) async fn run(&self, app: &App, call: Call<'_>) -> Result<Ran, NotRun> {
        let function = call.function;
        let executor = executor_of(&function.form, &self.executors).map_err(NotRun::NotStarted)?;
        let slot = self.running.slot(&function.account, &function.arn());
        let _slot = slot.ok_or(NotRun::Throttled)?;
        let code = code(app, function).await?;
        let (role, credentials) = session::assume(app, &call).await?;
        let began = app.clock.now();
        let log_group = log_group(&function.name);
        let log_stream = report::stream(began, &random_uuid(app.entropy.as_ref()));
        let execution = Execution {
            request_id: call.request_id,
            function: configuration(function),
            code,
            credentials,
            api: Arc::new(RoleApi {
                app,
                session: Arc::clone(&role.session),
                region: &function.region,
            }),
            payload: call.payload,
            client_context: call.client_context,
            log_group: &log_group,
            log_stream: &log_stream,
            in_play: call.in_play.clone(),
        };
        let mut executed = bounded(executor, execution, &call).await?;
        executed.outcome = sized(executed.outcome);
        let ended = app.clock.now();
        let told = report::Told {
            request_id: call.request_id,
            memory_mib: function.memory_mib,
            began,
            ended,
        };
        let log = told.lines(&executed);
        let put = PutLog {
            service: EVENT_SOURCE,
            principal: &role.principal,
            access_key_id: &role.session.access_key_id,
            region: &function.region,
            group: &log_group,
            stream: &log_stream,
            lines: &log,
        };
        app.log_streams.put(app, put).await?;
        Ok(Ran {
            log,
            failure_payload: executed.failure_payload,
            answer: executed.outcome,
            log_group,
            log_stream,
            ended,
        })
    }
}

/// Runs it no longer than its timeout and a little.
async fn bounded(
    executor: &Arc<dyn Executor>,
    execution: Execution<'_>,
    call: &Call<'_>,
) -> Result<Executed, NotRun> {
    let timeout = execution.function.timeout;
    let run = tokio::time::timeout(timeout + GRACE, executor.run(execution));
    match run.await {
        Ok(Ok(executed)) => Ok(executed),
        Ok(Err(refusal)) => Err(NotRun::NotStarted(refusal.0)),
        Err(_) => Ok(Executed {
            outcome: Err(FunctionFailure::timed_out(call.request_id, timeout)),
            failure_payload: None,
            log: Vec::new(),
            init_duration: None,
            duration: timeout,
            memory_used_mib: None,
        }),
    }
}

/// The code of the function.
async fn code(app: &App, function: &Function) -> Result<Code, CommonError> {
    Ok(match &function.form {
        Package::Builtin { template } => Code::Builtin {
            template: template.clone(),
        },
        Package::Remote { url } => Code::Remote { url: url.clone() },
        Package::Zip { runtime } => {
            let key = Function::key_of(&function.account, &function.region, &function.name);
            let mut tx = app.ledger.begin_reading();
            let found = tx.get::<FunctionCode>(&key).await?;
            let found = found.ok_or_else(|| CommonError::internal("a function without code"))?;
            Code::Zip {
                digest: function.digest,
                bytes: Arc::clone(&found.record.zip.0),
                runtime: runtime.clone(),
                handler: function.handler.clone().unwrap_or_default(),
            }
        }
    })
}

fn configuration(function: &Function) -> FunctionConfiguration {
    FunctionConfiguration {
        account: function.account.clone(),
        region: function.region.clone(),
        name: function.name.clone(),
        arn: function.arn(),
        version: LATEST,
        timeout: Duration::from_secs(u64::from(function.timeout_seconds)),
        memory_mib: function.memory_mib,
        environment: function
            .environment
            .as_ref()
            .map(Environment::variables)
            .unwrap_or_default(),
    }
}

/// The answer, unless it is larger than Lambda's may be.
fn sized(answer: Result<Plaintext, FunctionFailure>) -> Result<Plaintext, FunctionFailure> {
    match answer {
        Ok(payload) if payload.len() > MOST_ANSWERED => Err(FunctionFailure {
            kind: String::from("Function.ResponseSizeTooLarge"),
            message: format!(
                "Response payload size exceeded maximum allowed payload size ({MOST_ANSWERED} bytes)."
            ),
        }),
        answer => answer,
    }
}

impl From<NotRun> for Error {
    fn from(refusal: NotRun) -> Self {
        match refusal {
            NotRun::NotStarted(why) => Self::NotRunnable(why),
            NotRun::RoleNotAssumable => Self::RoleNotAssumable,
            NotRun::Throttled => Self::Throttled,
            NotRun::Common(error) => Self::Common(error),
        }
    }
}

/// What an executor may take longer than the function: it may have to wait for room, and to start a
/// runtime.
const GRACE: Duration = Duration::from_secs(60);
const MOST_ANSWERED: usize = 6_291_556;
const NO_PYTHON: &str = "This server has found no interpreter of Python 3 to run it.";
