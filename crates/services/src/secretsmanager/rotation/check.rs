//! Whether the credential in a secret is good, as the operator asks.
//!
//! SECURITY: a secret with a built-in function for databases is checked by that, which reads the secret
//! in its role; so policies, key and audit log are those of a rotation. Any other secret is read as its
//! account's root, since the operator may make root credentials: that is decided and recorded as well.
//! Functions that are not built in are not called with a step that they may take for something else.

use super::calls::{Answer, invoker, read};
use super::run::{LastCall, LogPlace};
use super::shown::find;
use crate::app::{App, Operator};
use crate::authorize::Permit;
use crate::gateway::{AsOperator, Refusal};
use crate::ports::{LogLines, LoginTrial};
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::values::in_play;
use crate::witness::InPlay;
use base::{AccountId, CommonError, Plaintext, RegionName};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use wire::Input as _;

/// What came of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CheckedRotation {
    /// The secret's ARN.
    #[serde(rename = "ARN")]
    pub arn: String,
    /// The ARN of the function that was asked. `None`: the server tried the value by itself.
    #[serde(rename = "RotationLambdaARN")]
    pub rotation_lambda_arn: Option<String>,
    /// Whether somebody could log in with the value that carries `AWSCURRENT`.
    pub works: bool,
    /// `errorType`.
    pub error_type: Option<String>,
    /// `errorMessage`.
    pub error_message: Option<String>,
    /// What was logged.
    pub log: Vec<String>,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It is not there.
    #[error("the account `{0}` has no secret `{1}`")]
    NoSecret(AccountId, String),
    /// Root may not read it, or there is nothing to read.
    #[error("the secret `{arn}` cannot be read as its account's root: {why}")]
    Unreadable {
        /// The secret.
        arn: String,
        /// As a client would have been told.
        why: String,
    },
    /// Its value is nothing to log in with.
    #[error("the secret `{arn}` cannot be checked: {why}")]
    NoCredential {
        /// The secret.
        arn: String,
        /// What is wrong.
        why: String,
    },
    /// A failure of ours.
    #[error(transparent)]
    Common(#[from] CommonError),
}

/// Has somebody log in with the current value of the secret that `id` means. Changes nothing.
///
/// # Errors
/// [`CheckError`].
pub(crate) async fn check(
    app: &App,
    permit: &Permit,
    account: &AccountId,
    region: &RegionName,
    id: &str,
    operator: &Operator,
) -> Result<CheckedRotation, CheckError> {
    let mut tx = app.ledger.begin_reading();
    let secret = find(&mut tx, account, region, id).await?;
    drop(tx);
    let secret = secret.ok_or_else(|| CheckError::NoSecret(account.clone(), id.to_owned()))?;
    if let Some(rotation) = &secret.rotation
        && app.functions.can_check(app, &rotation.function).await?
    {
        return by_function(app, permit, &secret, &rotation.function).await;
    }
    by_value(app, &secret, operator).await
}

/// By the secret's own function.
async fn by_function(
    app: &App,
    permit: &Permit,
    secret: &Secret,
    function: &str,
) -> Result<CheckedRotation, CheckError> {
    let arn = secret.arn();
    let payload = json!({ "Step": "checkSecret", "SecretId": arn });
    let payload = Plaintext::from(payload.to_string());
    let invoker = invoker(&arn, &secret.account);
    let values = InPlay::default();
    in_play::gather(app, permit, secret, &values).await?;
    let functions = &app.functions;
    let call = functions.invoke(app, function, invoker, &payload, &values);
    let answer = match tokio::time::timeout(longest(app), call).await {
        Ok(answer) => Answer::Returned(answer),
        Err(_) => Answer::TookTooLong,
    };
    let LastCall { log, failure } = read(answer);
    let log = lines(app, log).await?;
    let (error_type, error_message) = failure.map(|it| (it.kind, it.message)).unzip();
    Ok(CheckedRotation {
        arn,
        rotation_lambda_arn: Some(function.to_owned()),
        works: error_type.is_none(),
        error_type,
        error_message,
        log,
    })
}

/// By what the value says of itself.
async fn by_value(
    app: &App,
    secret: &Secret,
    operator: &Operator,
) -> Result<CheckedRotation, CheckError> {
    let arn = secret.arn();
    let no_credential = |why: &str| CheckError::NoCredential {
        arn: arn.clone(),
        why: why.to_owned(),
    };
    let value = current(app, secret, operator).await?;
    let value = value.ok_or_else(|| no_credential("it has no `SecretString`"))?;
    let trial = LoginTrial {
        request_id: &operator.request_id,
        secret_id: &arn,
        value: &value,
    };
    let tried = tokio::time::timeout(longest(app), app.functions.log_in(trial)).await;
    let tried = tried.map_err(|_| no_credential("the login did not end in time"))?;
    let tried = tried.map_err(|refusal| no_credential(&refusal.0))?;
    let (error_type, error_message) = tried.failure.map(|it| (it.kind, it.message)).unzip();
    Ok(CheckedRotation {
        works: error_type.is_none(),
        arn,
        rotation_lambda_arn: None,
        error_type,
        error_message,
        log: tried.log.into_iter().map(|line| line.text).collect(),
    })
}

wire::input! {
    /// What is read of an answer of GetSecretValue.
    struct Value {
        secret_string: Option<Plaintext> = "SecretString" TEXT,
    }
}

/// The current value, read as the account's root.
async fn current(
    app: &App,
    secret: &Secret,
    operator: &Operator,
) -> Result<Option<Plaintext>, CheckError> {
    let caller = AsOperator {
        account: &secret.account,
        region: &secret.region,
        request_id: &operator.request_id,
    };
    let asked = json!({ "SecretId": secret.arn() });
    let answer = app.call_as_operator(&caller, "secretsmanager", "GetSecretValue", &asked);
    let answer = answer.await.map_err(|refusal| refused(secret, &refusal))?;
    // SECURITY: read by the parser of requests, which leaves no copy of a value behind.
    let value = wire::parse(Value::SHAPE, answer.as_ref()).ok();
    let value: Option<Value> = value.and_then(|parsed| parsed.into_input().ok());
    let unread = || CommonError::internal("the answer to GetSecretValue cannot be read");
    Ok(value.ok_or_else(unread)?.secret_string)
}

fn refused(secret: &Secret, refusal: &Refusal) -> CheckError {
    match refusal.cause() {
        Some(cause) => CommonError::internal(cause.to_owned()).into(),
        None => CheckError::Unreadable {
            arn: secret.arn(),
            why: refusal.message().unwrap_or(refusal.code()).to_owned(),
        },
    }
}

fn longest(app: &App) -> Duration {
    Duration::from_millis(app.rotation.step_millis.into())
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
const TEXT: wire::Shape = wire::Shape::text(0, 65_536).sensitive();
