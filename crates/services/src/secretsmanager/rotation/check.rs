//! Whether the credential in a secret is good, as the operator asks.
//!
//! SECURITY: asked of the secret's own function, which reads the secret in its role; so policies, key
//! and audit log are those of a rotation. Only a built-in function knows the question: no other one is
//! called with a step that it may take for something else.

use super::calls::{Answer, invoker, read};
use super::run::{LastCall, LogPlace};
use super::shown::find;
use crate::app::App;
use crate::ports::LogLines;
use base::{AccountId, CommonError, Plaintext, RegionName};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// What came of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CheckedRotation {
    /// The secret's ARN.
    #[serde(rename = "ARN")]
    pub arn: String,
    /// The ARN of the function.
    #[serde(rename = "RotationLambdaARN")]
    pub rotation_lambda_arn: String,
    /// Whether somebody could log in with the value that carries `AWSCURRENT`.
    pub works: bool,
    /// `errorType`.
    pub error_type: Option<String>,
    /// `errorMessage`.
    pub error_message: Option<String>,
    /// What the function logged.
    pub log: Vec<String>,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It is not there.
    #[error("the account `{0}` has no secret `{1}`")]
    NoSecret(AccountId, String),
    /// Nobody knows how to log in.
    #[error("the secret `{0}` has no rotation function, and only that knows how to log in")]
    NoFunction(String),
    /// The function does not know the question.
    #[error("only built-in functions can check a secret, and `{0}` is none")]
    NotBuiltIn(String),
    /// A failure of ours.
    #[error(transparent)]
    Common(#[from] CommonError),
}

/// Has the function of the secret that `id` means log in with the current value. Changes nothing.
///
/// # Errors
/// [`CheckError`].
pub(crate) async fn check(
    app: &App,
    account: &AccountId,
    region: &RegionName,
    id: &str,
) -> Result<CheckedRotation, CheckError> {
    let mut tx = app.ledger.begin_reading();
    let secret = find(&mut tx, account, region, id).await?;
    drop(tx);
    let secret = secret.ok_or_else(|| CheckError::NoSecret(account.clone(), id.to_owned()))?;
    let arn = secret.arn();
    let Some(rotation) = &secret.rotation else {
        return Err(CheckError::NoFunction(arn));
    };
    let function = rotation.function.clone();
    if !app.functions.is_built_in(app, &function).await? {
        return Err(CheckError::NotBuiltIn(function));
    }
    let payload = json!({ "Step": "checkSecret", "SecretId": arn });
    let payload = Plaintext::from(payload.to_string());
    let call = app
        .functions
        .invoke(app, &function, invoker(&arn, &secret.account), &payload);
    let time = Duration::from_millis(app.rotation.step_millis.into());
    let answer = match tokio::time::timeout(time, call).await {
        Ok(answer) => Answer::Returned(answer),
        Err(_) => Answer::TookTooLong,
    };
    let LastCall { log, failure } = read(answer);
    let log = lines(app, log).await?;
    let (error_type, error_message) = failure.map(|it| (it.kind, it.message)).unzip();
    Ok(CheckedRotation {
        arn,
        rotation_lambda_arn: function,
        works: error_type.is_none(),
        error_type,
        error_message,
        log,
    })
}

async fn lines(app: &App, log: Option<LogPlace>) -> Result<Vec<String>, CommonError> {
    let Some(place) = log else {
        return Ok(Vec::new());
    };
    let lines = LogLines {
        group: &place.group,
        stream: &place.stream,
        request_id: &place.request_id,
        most: MOST_LINES,
    };
    app.functions.log_lines(app, lines).await
}

/// A check writes a few.
const MOST_LINES: usize = 50;
