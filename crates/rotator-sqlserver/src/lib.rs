//! The driver of Microsoft SQL Server for rotations.
//!
//! Rules kept here: a user is a login of the server, or a user with a password of its own in a
//! contained database; whoever is logged in gives the current password too, as the server asks of
//! who may not change others'; a login is cloned in one transaction; a session listens to so much and
//! no more.

mod clone;

use base::Plaintext;
use rotators::quote::{self, Quoted, statement};
use rotators::{Database, DatabaseError, DatabaseFuture, Dial, Login, Metered, Session, Tls};
use std::future::Future;
use std::pin::Pin;
use tiberius::error::Error;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, Row};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

/// Logs in to SQL Server.
pub struct SqlServer {
    dial: Dial,
}

impl SqlServer {
    /// Connects as `dial` says. The operator's authorities are trusted besides the system's, since
    /// the protocol's library knows no other way.
    pub fn new(dial: Dial) -> Self {
        Self { dial }
    }

    async fn connect(&self, login: Login<'_>) -> Result<Box<dyn Session>, DatabaseError> {
        self.dial.check(&login)?;
        let settings = self.settings(&login)?;
        let stream = TcpStream::connect((login.host, login.port))
            .await
            .map_err(|error| DatabaseError::Unreachable(error.to_string()))?;
        let client = Client::connect(settings, Metered::new(stream).compat_write())
            .await
            .map_err(|error| not_logged_in(&error))?;
        let mut session = SqlServerSession {
            client,
            user: login.username.to_owned(),
            current: Plaintext::new(login.password.expose().to_vec()),
            dial: self.dial.clone(),
        };
        // A transaction in which a statement fails is none.
        session.run("log in", "SET XACT_ABORT ON").await?;
        Ok(Box::new(session))
    }

    fn settings(&self, login: &Login<'_>) -> Result<Config, DatabaseError> {
        let mut settings = Config::new();
        settings.host(login.host);
        settings.port(login.port);
        settings.application_name("strongroom-rotation");
        if let Some(dbname) = login.dbname {
            settings.database(dbname);
        }
        let password = quote::text(login.password)?;
        settings.authentication(AuthMethod::sql_server(login.username, password));
        match login.tls {
            Tls::Plain => settings.encryption(EncryptionLevel::NotSupported),
            Tls::Verified => {
                settings.encryption(EncryptionLevel::Required);
                if let Some(pem) = &self.dial.authorities_pem {
                    settings.trust_cert_ca_bundle(pem.to_vec());
                }
            }
        }
        Ok(settings)
    }
}

impl Database for SqlServer {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        Box::pin(self.dial.connecting(self.connect(login)))
    }
}

fn not_logged_in(error: &Error) -> DatabaseError {
    match error {
        Error::Server(refusal) if REFUSED_LOGINS.contains(&refusal.code()) => {
            DatabaseError::LoginRefused(refusal.message().to_owned())
        }
        Error::Server(refusal) => DatabaseError::refused("let the user in", refusal.message()),
        Error::Tls(problem) => DatabaseError::Untrusted(problem.clone()),
        // SECURITY: not followed, since nobody permitted the other address.
        Error::Routing { host, port } => DatabaseError::NotPermitted {
            host: host.clone(),
            port: *port,
        },
        other => DatabaseError::Unreachable(other.to_string()),
    }
}

/// A user of SQL Server, logged in.
pub(crate) struct SqlServerSession {
    client: Client<Compat<Metered<TcpStream>>>,
    user: String,
    current: Plaintext,
    dial: Dial,
}

impl SqlServerSession {
    /// Runs statements and returns the rows of the first that has any.
    pub(crate) async fn rows(
        &mut self,
        action: &'static str,
        statement: &str,
    ) -> Result<Vec<Row>, DatabaseError> {
        let Self { client, dial, .. } = self;
        let answered = async {
            let stream = client
                .simple_query(statement)
                .await
                .map_err(|error| refused(action, &error))?;
            stream
                .into_results()
                .await
                .map_err(|error| refused(action, &error))
        };
        let results = dial.stating(answered).await?;
        Ok(results.into_iter().next().unwrap_or_default())
    }

    pub(crate) async fn run(
        &mut self,
        action: &'static str,
        statement: &str,
    ) -> Result<(), DatabaseError> {
        self.rows(action, statement).await.map(drop)
    }

    /// Whether the user has its password in this database rather than in the server.
    pub(crate) async fn is_contained(&mut self, user: &str) -> Result<bool, DatabaseError> {
        let name = national(user)?;
        let rows = self.rows(LOOK_UP, &statement(&[CONTAINED, &name])).await?;
        Ok(!rows.is_empty())
    }

    async fn exists(&mut self, user: &str) -> Result<bool, DatabaseError> {
        if self.is_contained(user).await? {
            return Ok(true);
        }
        let name = national(user)?;
        let rows = self.rows(LOOK_UP, &statement(&[LOGIN, &name])).await?;
        Ok(!rows.is_empty())
    }

    async fn set_own(&mut self, new: &Plaintext) -> Result<(), DatabaseError> {
        let user = self.user.clone();
        let is_contained = self.is_contained(&user).await?;
        let alter = alter(is_contained, &user, new, Some(&self.current))?;
        self.run(SET, &alter).await
    }

    async fn set(&mut self, user: &str, new: &Plaintext) -> Result<(), DatabaseError> {
        let is_contained = self.is_contained(user).await?;
        let alter = alter(is_contained, user, new, None)?;
        self.run(SET, &alter).await
    }
}

impl Session for SqlServerSession {
    fn probe(&mut self) -> DatabaseFuture<'_, ()> {
        Box::pin(self.run("tell its version", "SELECT @@VERSION"))
    }

    fn set_own_password<'a>(&'a mut self, new: &'a Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(self.set_own(new))
    }

    fn user_exists<'a>(&'a mut self, user: &'a str) -> DatabaseFuture<'a, bool> {
        Box::pin(self.exists(user))
    }

    fn set_password<'a>(&'a mut self, user: &'a str, new: &'a Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(self.set(user, new))
    }

    fn clone_user<'a>(
        &'a mut self,
        original: &'a str,
        clone: &'a str,
        new: &'a Plaintext,
    ) -> DatabaseFuture<'a, ()> {
        Box::pin(clone::clone_all(self, original, clone, new))
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let Self { client, dial, .. } = *self;
        Box::pin(async move {
            let _ = tokio::time::timeout(dial.connect_timeout, client.close()).await;
        })
    }
}

/// COMPAT: a comma stands between the parts for a user and none for a login.
fn alter(
    is_contained: bool,
    user: &str,
    new: &Plaintext,
    current: Option<&Plaintext>,
) -> Result<Quoted, DatabaseError> {
    let name = quote::bracketed(user)?;
    let password = national(quote::text(new)?)?;
    let (kind, separator) = if is_contained {
        ("ALTER USER ", ", ")
    } else {
        ("ALTER LOGIN ", " ")
    };
    let alter = statement(&[kind, &name, " WITH PASSWORD = ", &password]);
    let Some(current) = current else {
        return Ok(alter);
    };
    let current = national(quote::text(current)?)?;
    Ok(statement(&[&alter, separator, "OLD_PASSWORD = ", &current]))
}

/// A literal of any character.
pub(crate) fn national(text: &str) -> Result<Quoted, DatabaseError> {
    Ok(statement(&["N", &quote::literal(text)?]))
}

fn refused(action: &'static str, error: &Error) -> DatabaseError {
    match error {
        Error::Server(refusal) => DatabaseError::refused(action, refusal.message()),
        other => DatabaseError::Unreachable(other.to_string()),
    }
}

const SET: &str = "change a password";
const LOOK_UP: &str = "look up a user";
const CONTAINED: &str =
    "SELECT 1 FROM sys.database_principals WHERE authentication_type = 2 AND name = ";
const LOGIN: &str = "SELECT 1 FROM sys.server_principals WHERE type = 'S' AND name = ";
/// Login failed; locked; expired; to be changed.
const REFUSED_LOGINS: [u32; 4] = [18456, 18486, 18487, 18488];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_and_passwords_are_only_text() {
        let new = Plaintext::from(String::from("n'ew\\"));
        let current = Plaintext::from(String::from("'; DROP LOGIN sa; --"));

        let own = alter(false, "a]b", &new, Some(&current)).unwrap();
        let contained = alter(true, "a", &new, Some(&current)).unwrap();
        let others = alter(false, "a", &new, None).unwrap();

        assert_eq!(
            *own,
            r"ALTER LOGIN [a]]b] WITH PASSWORD = N'n''ew\' OLD_PASSWORD = N'''; DROP LOGIN sa; --'"
        );
        assert_eq!(
            *contained,
            r"ALTER USER [a] WITH PASSWORD = N'n''ew\', OLD_PASSWORD = N'''; DROP LOGIN sa; --'"
        );
        assert_eq!(*others, r"ALTER LOGIN [a] WITH PASSWORD = N'n''ew\'");
    }
}
