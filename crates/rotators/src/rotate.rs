use crate::alternating_users;
use crate::credential::{Credential, Members};
use crate::database::{Database, DatabaseError, Login, Session};
use crate::error::RotationError;
use crate::event::{Event, Step};
use crate::log::Log;
use crate::options::Options;
use crate::secrets::{Secrets, SecretsError};
use crate::single_user;
use crate::template::{Engine, Strategy, Template};
use crate::versions::{self, CURRENT, PENDING, PREVIOUS, Standing};
use base::Plaintext;
use parking_lot::Mutex;

/// What a rotation works with.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Secrets Manager, as the function's role.
    pub secrets: &'a dyn Secrets,
    /// The driver.
    pub database: &'a dyn Database,
    /// Where it tells what it does.
    pub log: &'a dyn Log,
    /// The function's environment.
    pub options: &'a Options,
}

/// Does one step of a rotation, as AWS's template of that name does.
///
/// # Errors
/// [`RotationError`]: why the step failed. It may be run again.
pub async fn rotate(
    template: Template,
    event: &Event,
    ports: Ports<'_>,
) -> Result<(), RotationError> {
    match versions::standing(event, ports.secrets, ports.log).await? {
        Standing::Finished => return Ok(()),
        Standing::Pending => {}
    }
    let run = Run {
        template,
        event,
        ports,
        refused_logins: Mutex::default(),
    };
    match event.step {
        Step::CreateSecret => run.create().await,
        Step::SetSecret => match template.strategy {
            Strategy::SingleUser => single_user::set(&run).await,
            Strategy::AlternatingUsers => alternating_users::set(&run).await,
        },
        Step::TestSecret => run.test().await,
        Step::FinishSecret => versions::finish(event, ports.secrets, ports.log).await,
    }
    .inspect_err(|failure| run.tell(failure))
}

/// One step for one secret.
pub(crate) struct Run<'a> {
    pub(crate) template: Template,
    pub(crate) event: &'a Event,
    pub(crate) ports: Ports<'a>,
    /// In the databases' words: a failure that comes of them says only that nobody could log in.
    refused_logins: Mutex<Vec<String>>,
}

impl Run<'_> {
    fn tell(&self, failure: &RotationError) {
        let step = self.event.step;
        for refusal in self.refused_logins.lock().iter() {
            self.ports.log.error(&format!("{step}: {refusal}"));
        }
        self.ports.log.error(&format!("{step}: {failure}"));
    }

    async fn create(&self) -> Result<(), RotationError> {
        let arn = self.arn();
        let current = self.ports.secrets.value(arn, None, CURRENT).await?;
        let credential = self.read(arn, &current)?;
        match self.pending().await {
            Ok(_) => {
                self.info(&format!(
                    "createSecret: Successfully retrieved secret for {arn}."
                ));
                return Ok(());
            }
            Err(RotationError::Secrets(SecretsError::NotFound(_))) => {}
            Err(other) => return Err(other),
        }
        let rules = self.ports.options.password_rules(self.engine())?;
        let username = self.next_username(credential.username())?;
        let password = self.ports.secrets.random_password(&rules).await?;
        let value = Members::parse(&current)
            .map_err(|problem| self.malformed(arn, problem))?
            .with(&[
                ("username", &Plaintext::from(username)),
                ("password", &password),
            ]);
        let Event {
            token,
            rotation_token,
            ..
        } = self.event;
        self.ports
            .secrets
            .put_pending(arn, token, rotation_token.as_ref(), value)
            .await?;
        self.info(&format!(
            "createSecret: Successfully put secret for ARN {arn} and version {token}."
        ));
        Ok(())
    }

    fn next_username(&self, current: &str) -> Result<String, RotationError> {
        match self.template.strategy {
            Strategy::SingleUser => Ok(current.to_owned()),
            Strategy::AlternatingUsers => alternating_users::other_username(self.engine(), current),
        }
    }

    async fn test(&self) -> Result<(), RotationError> {
        let arn = self.arn();
        let pending = self.pending().await?;
        let Some(mut session) = self.log_in(&pending).await? else {
            return Err(RotationError::Unsafe(format!(
                "Unable to log into database with pending secret of secret ARN {arn}"
            )));
        };
        let probed = session.probe().await;
        probed.map_err(|error| error.without(pending.password()))?;
        session.close().await;
        self.info(&format!(
            "testSecret: Successfully signed into {} DB with AWSPENDING secret in {arn}.",
            self.engine().title()
        ));
        Ok(())
    }

    pub(crate) fn arn(&self) -> &str {
        &self.event.secret_id
    }

    pub(crate) fn engine(&self) -> Engine {
        self.template.engine
    }

    pub(crate) fn info(&self, line: &str) {
        self.ports.log.info(line);
    }

    pub(crate) async fn current(&self) -> Result<Credential, RotationError> {
        self.credential(self.arn(), None, CURRENT).await
    }

    pub(crate) async fn pending(&self) -> Result<Credential, RotationError> {
        self.credential(self.arn(), Some(&self.event.token), PENDING)
            .await
    }

    /// The credential before the current one; there need not be one, or it need not be readable.
    pub(crate) async fn previous(&self) -> Result<Option<Credential>, RotationError> {
        match self.credential(self.arn(), None, PREVIOUS).await {
            Ok(credential) => Ok(Some(credential)),
            Err(
                RotationError::Secrets(SecretsError::NotFound(_)) | RotationError::Malformed { .. },
            ) => Ok(None),
            Err(other) => Err(other),
        }
    }

    pub(crate) async fn credential(
        &self,
        secret_id: &str,
        version_id: Option<&str>,
        stage: &str,
    ) -> Result<Credential, RotationError> {
        let value = self
            .ports
            .secrets
            .value(secret_id, version_id, stage)
            .await?;
        self.read(secret_id, &value)
    }

    fn read(&self, secret_id: &str, value: &Plaintext) -> Result<Credential, RotationError> {
        Credential::parse(self.engine(), value)
            .map_err(|problem| self.malformed(secret_id, problem))
    }

    fn malformed(
        &self,
        secret_id: &str,
        problem: crate::credential::MalformedSecret,
    ) -> RotationError {
        RotationError::Malformed {
            secret_id: secret_id.to_owned(),
            problem,
        }
    }

    /// Logs in, unless the database does not take the credential.
    ///
    /// COMPAT: AWS's templates take every failure for a wrong password. A database that cannot be
    /// reached or trusted would then be asked with older and older passwords.
    pub(crate) async fn log_in(
        &self,
        credential: &Credential,
    ) -> Result<Option<Box<dyn Session>>, RotationError> {
        let login = Login::with(self.engine(), credential);
        match self.ports.database.log_in(login).await {
            Ok(session) => Ok(Some(session)),
            Err(refusal @ DatabaseError::LoginRefused(_)) => {
                let refusal = refusal.without(credential.password()).to_string();
                self.refused_logins.lock().push(refusal);
                Ok(None)
            }
            Err(other) => Err(other.without(credential.password()).into()),
        }
    }
}
