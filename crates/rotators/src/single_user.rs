//! The one user changes its own password.

use crate::credential::Credential;
use crate::database::Session;
use crate::error::RotationError;
use crate::rotate::Run;
use crate::template::Engine;

/// Makes the database take the pending password.
pub(crate) async fn set(run: &Run<'_>) -> Result<(), RotationError> {
    let arn = run.arn();
    let mut previous = run.previous().await?;
    let current = run.current().await?;
    let pending = run.pending().await?;
    let title = run.engine().title();

    if let Some(session) = run.log_in(&pending).await? {
        session.close().await;
        run.info(&format!(
            "setSecret: AWSPENDING secret is already set as password in {title} DB for secret arn {arn}."
        ));
        return Ok(());
    }
    same_user(run.engine(), &pending, &current, "current")?;
    let mut session = session(run, &current, previous.as_mut(), &pending).await?;
    let password = pending.password();
    let set = session.set_own_password(password).await;
    // Some engines are given the password of who is logged in as well.
    set.map_err(|refusal| {
        let refusal = refusal.without(password).without(current.password());
        match &previous {
            Some(previous) => refusal.without(previous.password()),
            None => refusal,
        }
    })?;
    session.close().await;
    run.info(&format!(
        "setSecret: Successfully set password for user {} in {title} DB for secret arn {arn}.",
        pending.username()
    ));
    Ok(())
}

/// Logs in with the current password, or the one before: that is the database's when a rotation was
/// cut off after a value had been put by hand.
async fn session(
    run: &Run<'_>,
    current: &Credential,
    previous: Option<&mut Credential>,
    pending: &Credential,
) -> Result<Box<dyn Session>, RotationError> {
    if let Some(session) = run.log_in(current).await? {
        return Ok(session);
    }
    if let Some(previous) = previous {
        // SECURITY: before it is used, so that no password of another database goes anywhere.
        same_user(run.engine(), pending, previous, "previous valid")?;
        // Whoever may write the current value must not learn the password before it.
        previous.encrypt_like(current);
        if let Some(session) = run.log_in(previous).await? {
            return Ok(session);
        }
    }
    Err(RotationError::Unsafe(format!(
        "Unable to log into database with previous, current, or pending secret of secret arn {}",
        run.arn()
    )))
}

/// SECURITY: who may write the pending version must not thereby get the password of another user, or
/// have a password set on another host or port.
fn same_user(
    engine: Engine,
    pending: &Credential,
    other: &Credential,
    which: &str,
) -> Result<(), RotationError> {
    if pending.username() != other.username() {
        return Err(RotationError::Unsafe(format!(
            "Attempting to modify user {} other than {which} user {}",
            pending.username(),
            other.username()
        )));
    }
    if pending.host() != other.host() {
        return Err(RotationError::Unsafe(format!(
            "Attempting to modify user for host {} other than {which} host {}",
            pending.host(),
            other.host()
        )));
    }
    let (port, others) = (pending.port_of(engine), other.port_of(engine));
    if port != others {
        return Err(RotationError::Unsafe(format!(
            "Attempting to modify user for port {port} other than {which} port {others}"
        )));
    }
    Ok(())
}
