//! Functions, as other services use them, and what runs them.

use super::{LoginFuture, LoginTrial, PortFuture};
use crate::app::App;
use crate::cx::Cx;
use crate::witness::InPlay;
use base::{AccountId, CommonError, Plaintext};
use std::time::Duration;

/// Lambda as other services use it: they call functions by ARN, in their own name.
pub trait Functions: Send + Sync {
    /// The ARN under which policies know the function that the ARN `function` means: without
    /// `:$LATEST`. `None`: it means none that could be called.
    fn arn_of(&self, function: &str) -> Option<String>;

    /// Whether the caller of a request may have `invoker` call `function`, and the function's policy
    /// lets it.
    ///
    /// # Errors
    /// [`FunctionsError::NotInvocable`] for a function that is not there or whose policy does not
    /// name the invoker; the refusal of `lambda:InvokeFunction` to the caller.
    fn assignable<'a>(
        &'a self,
        cx: &'a Cx<'a>,
        function: &'a str,
        invoker: Invoker<'a>,
    ) -> PortFuture<'a, (), FunctionsError>;

    /// Calls a function, and waits for its end. What it tells is cleaned of what is `in_play`, to which
    /// it adds what it got to know.
    ///
    /// # Errors
    /// [`FunctionsError`] when it was not run. What it failed with itself is in the [`Invocation`].
    fn invoke<'a>(
        &'a self,
        app: &'a App,
        function: &'a str,
        invoker: Invoker<'a>,
        payload: &'a Plaintext,
        in_play: &'a InPlay,
    ) -> PortFuture<'a, Invocation, FunctionsError>;

    /// Whether a function knows how to check a secret: this server's own templates for databases do.
    /// Not one that is not there.
    ///
    /// # Errors
    /// A failure of ours.
    fn can_check<'a>(
        &'a self,
        app: &'a App,
        function: &'a str,
    ) -> PortFuture<'a, bool, CommonError>;

    /// Logs in with the credential that a secret's value is, without a function. Changes nothing.
    ///
    /// # Errors
    /// [`NotExecuted`](super::NotExecuted) when the value is no credential that could be tried, or there is no way to.
    fn log_in<'a>(&'a self, trial: LoginTrial<'a>) -> LoginFuture<'a>;

    /// The lines that a call wrote to its log, scrubbed, the oldest first. None where logs are not
    /// kept.
    ///
    /// # Errors
    /// A failure of ours.
    fn log_lines<'a>(
        &'a self,
        app: &'a App,
        lines: LogLines<'a>,
    ) -> PortFuture<'a, Vec<String>, CommonError>;
}

/// The lines of one call.
#[derive(Clone, Copy, Debug)]
pub struct LogLines<'a> {
    /// The log group, such as `/aws/lambda/rotate`.
    pub group: &'a str,
    /// The log stream in it.
    pub stream: &'a str,
    /// The id of the call.
    pub request_id: &'a str,
    /// At most so many, the last ones.
    pub most: usize,
}

/// The service that calls a function, and for which resource: what the function's policy is asked
/// about (`aws:SourceArn`, `aws:SourceAccount`).
#[derive(Clone, Copy, Debug)]
pub struct Invoker<'a> {
    /// Its service principal, such as `secretsmanager.amazonaws.com`.
    pub service: &'static str,
    /// The ARN of the resource.
    pub source_arn: &'a str,
    /// The account that owns it.
    pub source_account: &'a AccountId,
}

/// What became of one call.
pub struct Invocation {
    /// The id of the call, which its log lines carry.
    pub request_id: String,
    /// The log group, such as `/aws/lambda/rotate`.
    pub log_group: String,
    /// The log stream in it.
    pub log_stream: String,
    /// What the function returned, or why it failed.
    pub answer: Result<Plaintext, FunctionFailure>,
}

/// Why a function failed. Scrubbed of the values that were in play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionFailure {
    /// `errorType`, such as `ValueError` or `Sandbox.Timedout`.
    pub kind: String,
    /// `errorMessage`.
    pub message: String,
}

impl FunctionFailure {
    /// That of a function that did not end within `timeout`, in Lambda's words.
    pub fn timed_out(request_id: &str, timeout: Duration) -> Self {
        let seconds = timeout.as_secs_f64();
        Self {
            kind: TIMED_OUT.to_owned(),
            message: format!(
                "RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"
            ),
        }
    }
}

/// Why a function was not run.
#[derive(Debug, thiserror::Error)]
pub enum FunctionsError {
    /// There is no such function, or its policy does not let the invoker.
    #[error("the function cannot be invoked")]
    NotInvocable,
    /// Too many calls at once.
    #[error("too many functions run at once")]
    Throttled,
    /// It could not be started. The text is for the owner of the function.
    #[error("{0}")]
    NotStarted(String),
    /// Something of ours failed, or the caller was refused.
    #[error(transparent)]
    Common(#[from] CommonError),
}

/// What Lambda calls a run that did not end in time.
pub(crate) const TIMED_OUT: &str = "Sandbox.Timedout";

/// What a server without drivers says.
pub(crate) const NOWHERE: &str = "this server logs in nowhere by itself";
