//! A rotation whose target is reached through an operator's HTTP endpoint.
//!
//! Secrets Manager's side is ours: the endpoint needs no permission there. Each step posts one JSON
//! object: `Step`, `SecretId`, `ClientRequestToken`, and the values that the step is about, as the
//! texts that the secret's versions hold.
//!
//! | step | values sent | answer |
//! | --- | --- | --- |
//! | `createSecret` | `Current` | 200 `{"SecretString": "…"}`, the new value; or 204: a new `password` is drawn and put in place of that of the current value, a JSON object |
//! | `setSecret` | `Current`, `Pending`, `Previous` if there is one | 200 or 204 once the target takes `Pending` |
//! | `testSecret` | `Pending` | 200 or 204 if the target takes it |
//! | `finishSecret` | – | 200 or 204; then `AWSCURRENT` moves |
//!
//! Any other status fails the step. The endpoint may be asked the same twice.

use crate::credential::{MalformedSecret, Members};
use crate::error::RotationError;
use crate::event::{Event, Step};
use crate::http::{Http, HttpError, HttpRequest};
use crate::log::Log;
use crate::options::Options;
use crate::secrets::{Secrets, SecretsError};
use crate::versions::{self, CURRENT, PENDING, PREVIOUS, Standing};
use base::Plaintext;

/// Does one step of a rotation over the endpoint at `url`.
///
/// # Errors
/// [`RotationError`]: why the step failed. It may be run again.
pub async fn rotate_over_http(
    url: &str,
    event: &Event,
    secrets: &dyn Secrets,
    http: &dyn Http,
    log: &dyn Log,
    options: &Options,
) -> Result<(), RotationError> {
    match versions::standing(event, secrets, log).await? {
        Standing::Finished => return Ok(()),
        Standing::Pending => {}
    }
    let run = HttpRun {
        endpoint: Endpoint { url, http, event },
        secrets,
        log,
    };
    match event.step {
        Step::CreateSecret => run.create(options).await,
        Step::SetSecret => run.set().await,
        Step::TestSecret => run.test().await,
        Step::FinishSecret => run.finish().await,
    }
    .inspect_err(|failure| log.error(&format!("{}: {failure}", event.step)))
}

struct HttpRun<'a> {
    endpoint: Endpoint<'a>,
    secrets: &'a dyn Secrets,
    log: &'a dyn Log,
}

impl HttpRun<'_> {
    async fn create(&self, options: &Options) -> Result<(), RotationError> {
        let event = self.endpoint.event;
        let (arn, token) = (&event.secret_id, &event.token);
        let current = self.secrets.value(arn, None, CURRENT).await?;
        if is_made(event, self.secrets, self.log).await? {
            return Ok(());
        }
        let value = match self.endpoint.ask(&[("Current", &current)]).await? {
            Some(answer) => self
                .endpoint
                .read(&answer)?
                .secret("SecretString")
                .map_err(|_| self.endpoint.malformed("there is no SecretString"))?,
            None => self.with_new_password(&current, options).await?,
        };
        self.secrets
            .put_pending(arn, token, event.rotation_token.as_ref(), value)
            .await?;
        self.log.info(&format!(
            "createSecret: Successfully put secret for ARN {arn} and version {token}."
        ));
        Ok(())
    }

    async fn with_new_password(
        &self,
        current: &Plaintext,
        options: &Options,
    ) -> Result<Plaintext, RotationError> {
        let malformed = |problem| RotationError::Malformed {
            secret_id: self.endpoint.event.secret_id.clone(),
            problem,
        };
        let members = Members::parse(current).map_err(malformed)?;
        if members.text("password").map_err(malformed)?.is_none() {
            return Err(malformed(MalformedSecret::Missing("password")));
        }
        let rules = options.free_password_rules();
        let password = self.secrets.random_password(&rules).await?;
        Ok(members.with(&[("password", &password)]))
    }

    async fn set(&self) -> Result<(), RotationError> {
        let event = self.endpoint.event;
        let current = self.secrets.value(&event.secret_id, None, CURRENT).await?;
        let pending = self.pending().await?;
        let previous = match self.secrets.value(&event.secret_id, None, PREVIOUS).await {
            Ok(value) => Some(value),
            Err(SecretsError::NotFound(_)) => None,
            Err(other) => return Err(other.into()),
        };
        let mut values = vec![("Current", &current), ("Pending", &pending)];
        if let Some(previous) = &previous {
            values.push(("Previous", previous));
        }
        self.endpoint.ask(&values).await?;
        self.log.info(&format!(
            "setSecret: Successfully set secret for {}.",
            event.secret_id
        ));
        Ok(())
    }

    async fn test(&self) -> Result<(), RotationError> {
        let pending = self.pending().await?;
        self.endpoint.ask(&[("Pending", &pending)]).await?;
        self.log.info(&format!(
            "testSecret: Successfully tested AWSPENDING secret in {}.",
            self.endpoint.event.secret_id
        ));
        Ok(())
    }

    async fn finish(&self) -> Result<(), RotationError> {
        self.endpoint.ask(&[]).await?;
        versions::finish(self.endpoint.event, self.secrets, self.log).await
    }

    async fn pending(&self) -> Result<Plaintext, RotationError> {
        let Event {
            secret_id, token, ..
        } = self.endpoint.event;
        Ok(self.secrets.value(secret_id, Some(token), PENDING).await?)
    }
}

/// Whether the pending version has its value already.
pub(crate) async fn is_made(
    event: &Event,
    secrets: &dyn Secrets,
    log: &dyn Log,
) -> Result<bool, RotationError> {
    let Event {
        secret_id, token, ..
    } = event;
    match secrets.value(secret_id, Some(token), PENDING).await {
        Ok(_) => {
            log.info(&format!(
                "createSecret: Successfully retrieved secret for {secret_id}."
            ));
            Ok(true)
        }
        Err(SecretsError::NotFound(_)) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// An operator's endpoint, asked about one step.
pub(crate) struct Endpoint<'a> {
    pub(crate) url: &'a str,
    pub(crate) http: &'a dyn Http,
    pub(crate) event: &'a Event,
}

impl Endpoint<'_> {
    /// Posts the step with `values`. `None` is an answer without a body.
    pub(crate) async fn ask(
        &self,
        values: &[(&str, &Plaintext)],
    ) -> Result<Option<Plaintext>, HttpError> {
        if !may_be_told(self.url) {
            return Err(HttpError::NotEncrypted);
        }
        let step = self.event.step.name();
        let [name, secret_id, token] = [step, &self.event.secret_id, &self.event.token]
            .map(|text| Plaintext::from(text.to_owned()));
        let mut members = vec![
            ("Step", &name),
            ("SecretId", &secret_id),
            ("ClientRequestToken", &token),
        ];
        members.extend_from_slice(values);
        let body = Members::none().with(&members);
        let request = HttpRequest {
            url: self.url,
            body,
        };
        let reply = self.http.post(request).await?;
        match reply.status {
            204 => Ok(None),
            200 => Ok(Some(reply.body)),
            status => Err(HttpError::Refused { step, status }),
        }
    }

    pub(crate) fn read<'a>(&self, answer: &'a Plaintext) -> Result<Members<'a>, HttpError> {
        Members::parse(answer).map_err(|_| self.malformed("it is not a JSON object"))
    }

    pub(crate) fn malformed(&self, problem: &'static str) -> HttpError {
        HttpError::Malformed {
            step: self.event.step.name(),
            problem,
        }
    }
}

/// SECURITY: values leave this machine encrypted only.
fn may_be_told(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return url.starts_with("https://");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}
