//! A master changes the password of the user who is not in use, of two: `u` and `u_clone`.

use crate::credential::Credential;
use crate::database::{Session, Tls};
use crate::error::RotationError;
use crate::rotate::Run;
use crate::template::Engine;
use crate::versions::CURRENT;

/// Makes the database take the pending password.
pub(crate) async fn set(run: &Run<'_>) -> Result<(), RotationError> {
    let arn = run.arn();
    let title = run.engine().title();
    let current = run.current().await?;
    let pending = run.pending().await?;

    if let Some(session) = run.log_in(&pending).await? {
        session.close().await;
        run.info(&format!(
            "setSecret: AWSPENDING secret is already set as password in {title} DB for secret arn {arn}."
        ));
        return Ok(());
    }
    is_the_other_user(run.engine(), &current, &pending)?;
    // SECURITY: the master acts only for who has the current password. Else who may write a secret
    // could name any user in it and be given that user's password.
    match run.log_in(&current).await? {
        Some(session) => session.close().await,
        None => {
            return Err(RotationError::Unsafe(format!(
                "Unable to log into database using current credentials for secret {arn}"
            )));
        }
    }
    let mut master = master(run, &current, &pending).await?;
    let (username, password) = (pending.username(), pending.password());
    let exists = master.user_exists(username).await?;
    let set = if exists && is_complete(run.engine(), username) {
        master.set_password(username, password).await
    } else {
        master
            .clone_user(current.username(), username, password)
            .await
    };
    set.map_err(|refusal| refusal.without(password))?;
    master.close().await;
    run.info(&format!(
        "setSecret: Successfully set password for {} in {title} DB for secret arn {arn}.",
        pending.username()
    ));
    Ok(())
}

/// Whether a user who exists has all its privileges.
///
/// A clone that was cut off may lack some, where an engine grants them one by one; there they are
/// granted again every time. The original is never given anything.
fn is_complete(engine: Engine, username: &str) -> bool {
    engine.clones_at_once() || !username.ends_with(SUFFIX)
}

async fn master(
    run: &Run<'_>,
    current: &Credential,
    pending: &Credential,
) -> Result<Box<dyn Session>, RotationError> {
    let Some(master_arn) = current.master_arn() else {
        return Err(RotationError::Malformed {
            secret_id: run.arn().to_owned(),
            problem: crate::credential::MalformedSecret::Missing("masterarn"),
        });
    };
    let mut master = run.credential(master_arn, None, CURRENT).await?;
    is_the_same_database(run.engine(), current, &master)?;
    // SECURITY: the clone of a master could else be used to lock it out.
    if master.username() == pending.username() {
        return Err(RotationError::Unsafe(format!(
            "Attempting to modify user {}, who is the user of master secret {master_arn}",
            pending.username()
        )));
    }
    master.set_dbname(current.dbname());
    run.log_in(&master).await?.ok_or_else(|| {
        RotationError::Unsafe(format!(
            "Unable to log into database using credentials in master secret {master_arn}"
        ))
    })
}

/// SECURITY: that the current credential logs in proves who its owner is only if the master's database
/// says so, and nobody who plays it: on another port of the host, or in between.
fn is_the_same_database(
    engine: Engine,
    current: &Credential,
    master: &Credential,
) -> Result<(), RotationError> {
    if master.host() != current.host() {
        return Err(RotationError::Unsafe(format!(
            "Current database host {} is not the same host as/rds replica of master {}",
            current.host(),
            master.host()
        )));
    }
    let (port, masters) = (current.port_of(engine), master.port_of(engine));
    if port != masters {
        return Err(RotationError::Unsafe(format!(
            "Current database port {port} is not the same port as of master {masters}"
        )));
    }
    if (current.tls(), master.tls()) == (Tls::Plain, Tls::Verified) {
        return Err(RotationError::Unsafe(
            "Current database connection is not encrypted although that of master is".to_owned(),
        ));
    }
    Ok(())
}

fn is_the_other_user(
    engine: Engine,
    current: &Credential,
    pending: &Credential,
) -> Result<(), RotationError> {
    if other_username(engine, current.username())? != pending.username() {
        return Err(RotationError::Unsafe(format!(
            "Attempting to modify user {} other than current user or clone {}",
            pending.username(),
            current.username()
        )));
    }
    if pending.host() != current.host() {
        return Err(RotationError::Unsafe(format!(
            "Attempting to modify user for host {} other than current host {}",
            pending.host(),
            current.host()
        )));
    }
    let (port, currents) = (pending.port_of(engine), current.port_of(engine));
    if port != currents {
        return Err(RotationError::Unsafe(format!(
            "Attempting to modify user for port {port} other than current port {currents}"
        )));
    }
    Ok(())
}

/// The one of the two users that `username` is not.
pub(crate) fn other_username(engine: Engine, username: &str) -> Result<String, RotationError> {
    if let Some(original) = username.strip_suffix(SUFFIX)
        && !original.is_empty()
    {
        return Ok(original.to_owned());
    }
    let clone = format!("{username}{SUFFIX}");
    let longest = engine.longest_username();
    if clone.len() > longest {
        return Err(RotationError::Unsafe(format!(
            "Unable to clone user, username length with {SUFFIX} appended would exceed {longest} characters"
        )));
    }
    Ok(clone)
}

const SUFFIX: &str = "_clone";
