//! Whether a secret's credential is good, without a rotation.

use crate::credential::Credential;
use crate::database::{DatabaseError, Login};
use crate::error::RotationError;
use crate::rotate::Ports;
use crate::template::Engine;
use crate::versions::CURRENT;

/// Logs in with the current value of `secret_id`, reads something trivial and leaves. Changes nothing.
///
/// # Errors
/// [`RotationError`]: why it cannot be told, or that the database does not take the credential.
pub async fn check_current(
    engine: Engine,
    secret_id: &str,
    ports: Ports<'_>,
) -> Result<(), RotationError> {
    log_in(engine, secret_id, ports)
        .await
        .inspect_err(|failure| ports.log.error(&format!("checkSecret: {failure}")))
}

async fn log_in(engine: Engine, secret_id: &str, ports: Ports<'_>) -> Result<(), RotationError> {
    let value = ports.secrets.value(secret_id, None, CURRENT).await?;
    let credential = Credential::parse(engine, &value);
    let credential = credential.map_err(|problem| RotationError::Malformed {
        secret_id: secret_id.to_owned(),
        problem,
    })?;
    let login = Login::with(engine, &credential);
    let mut session = match ports.database.log_in(login).await {
        Ok(session) => session,
        Err(refusal @ DatabaseError::LoginRefused(_)) => {
            let refusal = refusal.without(credential.password());
            ports.log.error(&format!("checkSecret: {refusal}"));
            return Err(RotationError::Unsafe(format!(
                "Unable to log into database with current secret of secret arn {secret_id}"
            )));
        }
        Err(other) => return Err(other.without(credential.password()).into()),
    };
    session.probe().await?;
    session.close().await;
    ports.log.info(&format!(
        "checkSecret: Successfully signed into {} DB with AWSCURRENT secret in {secret_id}.",
        engine.title()
    ));
    Ok(())
}
