//! What all strategies do alike with the versions of a secret.

use crate::error::RotationError;
use crate::event::Event;
use crate::log::Log;
use crate::secrets::{Description, Secrets};

/// Whether there is something left to do.
pub(crate) enum Standing {
    /// The version is to be made.
    Pending,
    /// It is `AWSCURRENT` already.
    Finished,
}

/// Looks whether the event is about a rotation that is under way.
pub(crate) async fn standing(
    event: &Event,
    secrets: &dyn Secrets,
    log: &dyn Log,
) -> Result<Standing, RotationError> {
    let Event {
        secret_id, token, ..
    } = event;
    let described = secrets.describe(secret_id).await?;
    let standing = judge(event, &described);
    match &standing {
        Ok(Standing::Pending) => {}
        Ok(Standing::Finished) => log.info(&format!(
            "Secret version {token} already set as AWSCURRENT for secret {secret_id}."
        )),
        Err(refusal) => log.error(&refusal.to_string()),
    }
    standing
}

fn judge(event: &Event, described: &Description) -> Result<Standing, RotationError> {
    let token = event.token.clone();
    let secret_id = event.secret_id.clone();
    // COMPAT: the templates for databases bear that it is absent.
    if described.rotation_enabled == Some(false) {
        return Err(RotationError::NotEnabled(secret_id));
    }
    let Some(stages) = described.versions.get(&token) else {
        return Err(RotationError::NoSuchVersion { token, secret_id });
    };
    if has(stages, CURRENT) {
        return Ok(Standing::Finished);
    }
    if !has(stages, PENDING) {
        return Err(RotationError::NotPending { token, secret_id });
    }
    Ok(Standing::Pending)
}

/// Moves `AWSCURRENT` to the new version.
pub(crate) async fn finish(
    event: &Event,
    secrets: &dyn Secrets,
    log: &dyn Log,
) -> Result<(), RotationError> {
    let Event {
        secret_id, token, ..
    } = event;
    let described = secrets.describe(secret_id).await?;
    let current = described
        .versions
        .iter()
        .find(|(_, stages)| has(stages, CURRENT))
        .map(|(version, _)| version.as_str());
    if current == Some(token) {
        log.info(&format!(
            "finishSecret: Version {token} already marked as AWSCURRENT for {secret_id}"
        ));
        return Ok(());
    }
    secrets.move_current(secret_id, token, current).await?;
    log.info(&format!(
        "finishSecret: Successfully set AWSCURRENT stage to version {token} for secret {secret_id}."
    ));
    Ok(())
}

fn has(stages: &[String], stage: &str) -> bool {
    stages.iter().any(|own| own == stage)
}

pub(crate) const CURRENT: &str = "AWSCURRENT";
pub(crate) const PENDING: &str = "AWSPENDING";
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";
