//! One user with two API keys (or key pairs), of which one is in use.
//!
//! The secret holds `UserName`, `APIKey`, `APIKeyId` and what else is of use. The service makes the
//! keys; an operator's endpoint asks it to. The key before the last is revoked when the next one is
//! made, so a client that still has the last one goes on working until the next rotation.
//!
//! | step | sent besides `Step`, `SecretId`, `ClientRequestToken` | answer |
//! | --- | --- | --- |
//! | `createSecret` | `UserName`, `KeepAPIKeyId` | 200 `{"APIKey": "…", "APIKeyId": "…"}`, after every other key of the user than the one to keep was revoked and one was made |
//! | `setSecret` | nothing is asked: the key works since it was made | |
//! | `testSecret` | `UserName`, `APIKey`, `APIKeyId` | 200 or 204 if the service takes the key |
//! | `finishSecret` | nothing is asked: `AWSCURRENT` moves | |
//!
//! A key that was made and not stored, since something broke in between, is revoked at the next
//! attempt, as it is not the one to keep.

use crate::credential::{MalformedSecret, Members};
use crate::error::RotationError;
use crate::event::{Event, Step};
use crate::http::{Http, HttpError};
use crate::http_rotation::{Endpoint, is_made};
use crate::log::Log;
use crate::secrets::Secrets;
use crate::versions::{self, CURRENT, PENDING, Standing};
use base::Plaintext;

/// Does one step of the rotation of an API key over the endpoint at `url`.
///
/// # Errors
/// [`RotationError`]: why the step failed. It may be run again.
pub async fn rotate_api_key(
    url: &str,
    event: &Event,
    secrets: &dyn Secrets,
    http: &dyn Http,
    log: &dyn Log,
) -> Result<(), RotationError> {
    match versions::standing(event, secrets, log).await? {
        Standing::Finished => return Ok(()),
        Standing::Pending => {}
    }
    let endpoint = Endpoint { url, http, event };
    match event.step {
        Step::CreateSecret => create(&endpoint, secrets, log).await,
        Step::SetSecret => Ok(()),
        Step::TestSecret => test(&endpoint, secrets, log).await,
        Step::FinishSecret => versions::finish(event, secrets, log).await,
    }
    .inspect_err(|failure| log.error(&format!("{}: {failure}", event.step)))
}

async fn create(
    endpoint: &Endpoint<'_>,
    secrets: &dyn Secrets,
    log: &dyn Log,
) -> Result<(), RotationError> {
    let event = endpoint.event;
    let (arn, token) = (&event.secret_id, &event.token);
    let current = secrets.value(arn, None, CURRENT).await?;
    if is_made(event, secrets, log).await? {
        return Ok(());
    }
    let members = read(event, &current)?;
    let user = member(event, &members, USER)?;
    let kept = member(event, &members, KEY_ID)?;
    let answer = endpoint
        .ask(&[(USER, &user), ("KeepAPIKeyId", &kept)])
        .await?
        .ok_or_else(|| endpoint.malformed("it is empty"))?;
    let (key, id) = made(endpoint, &answer)?;
    if id.expose() == kept.expose() {
        return Err(endpoint.malformed("it is the key in use").into());
    }
    let value = members.with(&[(KEY, &key), (KEY_ID, &id)]);
    secrets
        .put_pending(arn, token, event.rotation_token.as_ref(), value)
        .await?;
    log.info(&format!(
        "createSecret: Successfully put secret for ARN {arn} and version {token}."
    ));
    Ok(())
}

fn made(endpoint: &Endpoint<'_>, answer: &Plaintext) -> Result<(Plaintext, Plaintext), HttpError> {
    let members = endpoint.read(answer)?;
    let read = |name, problem| {
        members
            .secret(name)
            .map_err(|_| endpoint.malformed(problem))
    };
    Ok((
        read(KEY, "there is no APIKey")?,
        read(KEY_ID, "there is no APIKeyId")?,
    ))
}

async fn test(
    endpoint: &Endpoint<'_>,
    secrets: &dyn Secrets,
    log: &dyn Log,
) -> Result<(), RotationError> {
    let event = endpoint.event;
    let arn = &event.secret_id;
    let pending = secrets.value(arn, Some(&event.token), PENDING).await?;
    let members = read(event, &pending)?;
    let user = member(event, &members, USER)?;
    let key = member(event, &members, KEY)?;
    let id = member(event, &members, KEY_ID)?;
    endpoint
        .ask(&[(USER, &user), (KEY, &key), (KEY_ID, &id)])
        .await?;
    log.info(&format!(
        "testSecret: Successfully tested AWSPENDING secret in {arn}."
    ));
    Ok(())
}

fn read<'a>(event: &Event, value: &'a Plaintext) -> Result<Members<'a>, RotationError> {
    Members::parse(value).map_err(|problem| malformed(event, problem))
}

fn member(
    event: &Event,
    members: &Members<'_>,
    name: &'static str,
) -> Result<Plaintext, RotationError> {
    members
        .secret(name)
        .map_err(|problem| malformed(event, problem))
}

fn malformed(event: &Event, problem: MalformedSecret) -> RotationError {
    RotationError::Malformed {
        secret_id: event.secret_id.clone(),
        problem,
    }
}

const USER: &str = "UserName";
const KEY: &str = "APIKey";
const KEY_ID: &str = "APIKeyId";
