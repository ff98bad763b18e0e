//! Whether a secret's credential is good, without a rotation.

use crate::credential::Credential;
use crate::database::{Database, DatabaseError, Login};
use crate::error::RotationError;
use crate::log::Log;
use crate::rotate::Ports;
use crate::template::Engine;
use crate::versions::CURRENT;
use base::Plaintext;

/// Logs in with the current value of `secret_id`, reads something trivial and leaves. Changes nothing.
///
/// # Errors
/// [`RotationError`]: why it cannot be told, or that the database does not take the credential.
pub async fn check_current(
    engine: Engine,
    secret_id: &str,
    ports: Ports<'_>,
) -> Result<(), RotationError> {
    let Ports { database, log, .. } = ports;
    match ports.secrets.value(secret_id, None, CURRENT).await {
        Ok(value) => check_value(engine, secret_id, &value, database, log).await,
        Err(refusal) => Err(told(refusal.into(), log)),
    }
}

/// Logs in with `value`, the current one of `secret_id`, reads something trivial and leaves. Changes
/// nothing.
///
/// # Errors
/// [`RotationError`]: why it cannot be told, or that the database does not take the credential.
pub async fn check_value(
    engine: Engine,
    secret_id: &str,
    value: &Plaintext,
    database: &dyn Database,
    log: &dyn Log,
) -> Result<(), RotationError> {
    log_in(engine, secret_id, value, database, log)
        .await
        .map_err(|failure| told(failure, log))
}

fn told(failure: RotationError, log: &dyn Log) -> RotationError {
    log.error(&format!("checkSecret: {failure}"));
    failure
}

async fn log_in(
    engine: Engine,
    secret_id: &str,
    value: &Plaintext,
    database: &dyn Database,
    log: &dyn Log,
) -> Result<(), RotationError> {
    let credential = Credential::parse(engine, value);
    let credential = credential.map_err(|problem| RotationError::Malformed {
        secret_id: secret_id.to_owned(),
        problem,
    })?;
    let login = Login::with(engine, &credential);
    let mut session = match database.log_in(login).await {
        Ok(session) => session,
        Err(refusal @ DatabaseError::LoginRefused(_)) => {
            let refusal = refusal.without(credential.password());
            log.error(&format!("checkSecret: {refusal}"));
            return Err(RotationError::Unsafe(format!(
                "Unable to log into database with current secret of secret arn {secret_id}"
            )));
        }
        Err(other) => return Err(other.without(credential.password()).into()),
    };
    let probed = session.probe().await;
    probed.map_err(|error| error.without(credential.password()))?;
    session.close().await;
    log.info(&format!(
        "checkSecret: Successfully signed into {} DB with AWSCURRENT secret in {secret_id}.",
        engine.title()
    ));
    Ok(())
}
