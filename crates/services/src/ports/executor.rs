//! What runs functions, as Lambda sees it.

use super::functions::{FunctionFailure, NOWHERE};
use crate::witness::InPlay;
use base::{AccountId, Plaintext, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Runs functions of one form: in processes, built in, or elsewhere.
///
/// Dropping the future of a run ends the function, with everything that it started.
pub trait Executor: Send + Sync {
    /// Whether a function of the account `owner` could be made of this package.
    ///
    /// # Errors
    /// Why not, for who creates the function.
    fn accepts(&self, owner: &AccountId, package: &Package) -> Result<(), String>;

    /// The interpreters that there are for zip files at this moment, where they are known.
    ///
    /// # Errors
    /// Why no zip file runs, for who wants to make a function.
    fn interpreters(&self) -> Result<Vec<Interpreter>, String> {
        Ok(Vec::new())
    }

    /// Runs one function to its end, its deadline at the latest.
    ///
    /// # Errors
    /// [`NotExecuted`] when it was not even started.
    fn run<'a>(&'a self, execution: Execution<'a>) -> ExecutionFuture<'a>;

    /// Whether a function of this package knows how to check a secret (the step `checkSecret`).
    fn can_check(&self, package: &Package) -> bool {
        let _ = package;
        false
    }

    /// Logs in with the credential that a secret's value is. Changes nothing.
    ///
    /// # Errors
    /// [`NotExecuted`] when the value is no credential that could be tried, or there is no way to.
    fn log_in<'a>(&'a self, trial: LoginTrial<'a>) -> LoginFuture<'a> {
        let _ = trial;
        Box::pin(async { Err(NotExecuted(String::from(NOWHERE))) })
    }
}

/// A credential to try.
#[derive(Clone, Copy)]
pub struct LoginTrial<'a> {
    /// The id of the command, which the log lines carry.
    pub request_id: &'a str,
    /// The secret's ARN.
    pub secret_id: &'a str,
    /// Its current value.
    pub value: &'a Plaintext,
}

/// What came of a try, scrubbed of the value.
pub struct TriedLogin {
    /// Why nobody could log in. `None`: somebody could.
    pub failure: Option<FunctionFailure>,
    /// What was done.
    pub log: Vec<LogLine>,
}

/// What [`Executor::log_in`] returns.
pub type LoginFuture<'a> =
    Pin<Box<dyn Future<Output = Result<TriedLogin, NotExecuted>> + Send + 'a>>;

/// What [`Executor::run`] returns.
pub type ExecutionFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Executed, NotExecuted>> + Send + 'a>>;

/// The executors there are, each for its form of functions. None at all by default.
#[derive(Clone, Default)]
pub struct Executors {
    /// For zip files. `None` unless the operator lets functions run in processes.
    pub process: Option<Arc<dyn Executor>>,
    /// For templates that are built in.
    pub builtin: Option<Arc<dyn Executor>>,
    /// For functions that run elsewhere.
    pub remote: Option<Arc<dyn Executor>>,
}

/// A program that runs zip files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// Such as `python3.12`. It runs what was written for older ones of its language too.
    pub runtime: String,
    /// Whether AWS's SDK for Python, `boto3`, is installed with it.
    pub has_boto3: bool,
}

/// What a function is made of, by its form.
///
/// COMPAT: stored in the record of a function, by the places of the forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Package {
    /// A zip file, for a runtime.
    Zip {
        /// Such as `python3.12`.
        runtime: String,
    },
    /// A template that is built in, by its name.
    Builtin {
        /// Such as `SecretsManagerRDSPostgreSQLRotationSingleUser`.
        template: String,
    },
    /// A function elsewhere.
    Remote {
        /// Where it is invoked, as Lambda's API has it.
        url: String,
    },
}

/// What a function is made of, to be run.
#[derive(Clone)]
pub enum Code {
    /// A zip file.
    Zip {
        /// Its SHA-256, as the function's record has it. Another call may have replaced the bytes
        /// since.
        digest: [u8; 32],
        /// Its bytes.
        bytes: Arc<[u8]>,
        /// Such as `python3.12`.
        runtime: String,
        /// Such as `lambda_function.lambda_handler`.
        handler: String,
    },
    /// A template that is built in, by its name.
    Builtin {
        /// Such as `SecretsManagerRDSPostgreSQLRotationSingleUser`.
        template: String,
    },
    /// A function elsewhere.
    Remote {
        /// Where it is invoked, as Lambda's API has it.
        url: String,
    },
}

/// One run of one function.
///
/// INVARIANT: no `Debug` and no `Clone`, as it holds secrets.
pub struct Execution<'a> {
    /// The id of the run, which its log lines carry.
    pub request_id: &'a str,
    /// The function, as it is at this moment.
    pub function: FunctionConfiguration,
    /// Its code.
    pub code: Code,
    /// The credentials of the function's role, which outlast the run.
    pub credentials: RoleCredentials,
    /// Strongroom, as the function's role may use it: for code that runs in this process.
    pub api: Arc<dyn Api + 'a>,
    /// The event, JSON.
    pub payload: &'a Plaintext,
    /// `X-Amz-Client-Context`, if the caller gave one.
    pub client_context: Option<&'a str>,
    /// The log group, such as `/aws/lambda/rotate`.
    pub log_group: &'a str,
    /// The log stream in it.
    pub log_stream: &'a str,
    /// What its log and its failure are to be cleaned of, besides what is in this: it is for the
    /// executor to put there what the run gets to know.
    pub in_play: InPlay,
}

/// What a run has to know of its function.
///
/// INVARIANT: no `Debug` and no `Clone`, as the environment may hold secrets.
pub struct FunctionConfiguration {
    /// The account that owns it.
    pub account: AccountId,
    /// Its Region.
    pub region: RegionName,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Always `$LATEST`.
    pub version: &'static str,
    /// How long a run may last.
    pub timeout: Duration,
    /// How much memory it may have.
    pub memory_mib: u32,
    /// Names and values.
    pub environment: Vec<(String, Plaintext)>,
}

/// Temporary credentials of a function's role.
///
/// INVARIANT: no `Debug` and no `Clone`.
pub struct RoleCredentials {
    /// `ASIA…`.
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: Plaintext,
    /// The session token.
    pub session_token: Plaintext,
}

/// What became of a run.
pub struct Executed {
    /// What the function returned, JSON; or why it failed.
    pub outcome: Result<Plaintext, FunctionFailure>,
    /// What a caller of `Invoke` is answered when it failed, JSON, scrubbed. `None`: the two members of
    /// the failure.
    pub failure_payload: Option<Plaintext>,
    /// What the function wrote, scrubbed of the values that were in play. The lines with which Lambda
    /// begins and ends a log are not among these: they are added to it.
    pub log: Vec<LogLine>,
    /// How long the runtime took to start, where it had to.
    pub init_duration: Option<Duration>,
    /// How long the function ran.
    pub duration: Duration,
    /// The most memory that it had, where that is known.
    pub memory_used_mib: Option<u32>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: Timestamp,
    /// The line, without its end.
    pub text: String,
}

/// Why a function was not started. The text is for its owner.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotExecuted(pub String);

/// Strongroom's API as one role may use it, from inside the process.
///
/// Each call is authorized and audited as if it had come over the network, signed with the role's
/// credentials.
pub trait Api: Send + Sync {
    /// Calls `operation` of a JSON service, such as `secretsmanager`. Gives the body of the answer.
    ///
    /// # Errors
    /// [`ApiError`]: what a client would have been answered.
    fn call<'a>(&'a self, service: &'a str, operation: &'a str, body: Plaintext) -> ApiFuture<'a>;
}

/// What [`Api::call`] returns.
pub type ApiFuture<'a> = Pin<Box<dyn Future<Output = Result<Plaintext, ApiError>> + Send + 'a>>;

/// A refusal, as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The exception name.
    pub code: String,
    /// The text.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
}
