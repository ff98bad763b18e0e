use crate::credential::Credential;
use crate::quote::Unquotable;
use crate::template::Engine;
use base::Plaintext;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A driver: logs in to databases of one or several engines.
pub trait Database: Send + Sync {
    /// Logs in.
    ///
    /// # Errors
    /// [`DatabaseError::LoginRefused`] only if the database itself did not accept the user and
    /// password: the strategies then try another credential. Everything else ends the step.
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>>;
}

/// Somebody logged in.
///
/// SECURITY: its errors are in the database's words and may repeat a password that it was given. Whoever
/// calls it takes that out, by [`DatabaseError::without`], as the strategies do.
///
/// Dropping it ends the connection too, without taking leave.
pub trait Session: Send {
    /// Reads something trivial that every user may read.
    fn probe(&mut self) -> DatabaseFuture<'_, ()>;

    /// Changes the password of the user who is logged in.
    fn set_own_password<'a>(&'a mut self, new: &'a Plaintext) -> DatabaseFuture<'a, ()>;

    /// Whether there is a user of that name.
    fn user_exists<'a>(&'a mut self, user: &'a str) -> DatabaseFuture<'a, bool>;

    /// Changes the password of `user`, who exists.
    fn set_password<'a>(&'a mut self, user: &'a str, new: &'a Plaintext) -> DatabaseFuture<'a, ()>;

    /// Makes `clone` a user with the privileges of `original` and this password. Completes a clone
    /// that an attempt before left unfinished.
    fn clone_user<'a>(
        &'a mut self,
        original: &'a str,
        clone: &'a str,
        new: &'a Plaintext,
    ) -> DatabaseFuture<'a, ()>;

    /// Takes leave of the database, if that is quickly done.
    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// What the calls of [`Database`] and [`Session`] return.
pub type DatabaseFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, DatabaseError>> + Send + 'a>>;

/// With what to log in where.
///
/// INVARIANT: the host is a name or an address, never a path of a socket.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// The engine that the template is for.
    pub engine: Engine,
    /// A DNS name or an IP address.
    pub host: &'a str,
    /// The TCP port.
    pub port: u16,
    /// The user.
    pub username: &'a str,
    /// The user's password.
    pub password: &'a Plaintext,
    /// The database. `None`: the engine's default.
    pub dbname: Option<&'a str>,
    /// The database that keeps the user who logs in, where an engine keeps users in databases:
    /// MongoDB. A master may be at home in another one than the users it changes.
    pub home: Option<&'a str>,
    /// Whether the connection is encrypted.
    pub tls: Tls,
}

impl<'a> Login<'a> {
    /// Logs in as the credential says.
    pub fn with(engine: Engine, credential: &'a Credential) -> Self {
        Self {
            engine,
            host: credential.host(),
            port: credential.port_of(engine),
            username: credential.username(),
            password: credential.password(),
            dbname: credential.dbname().or(engine.default_dbname()),
            home: credential.home().or(engine.default_dbname()),
            tls: credential.tls(),
        }
    }
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Encrypted; the certificate is of a trusted authority and for the host's name.
    Verified,
    /// In the clear, because the secret says `"ssl": false`.
    Plain,
}

/// How a driver connects.
#[derive(Clone)]
pub struct Dial {
    /// How long connecting and logging in may take.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// Certificates of authorities in PEM, trusted instead of the system's.
    pub authorities_pem: Option<Arc<[u8]>>,
    /// Whether a host and port may be connected to. Secrets name them, and their owners need not be
    /// trusted with every address that this server can reach.
    pub permits: Permits,
}

/// Says of a host and a port whether they may be connected to.
pub type Permits = Arc<dyn Fn(&str, u16) -> bool + Send + Sync>;

impl Default for Dial {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            authorities_pem: None,
            permits: Arc::new(|_, _| true),
        }
    }
}

impl Dial {
    /// Refuses a login where the operator does not permit it.
    ///
    /// # Errors
    /// [`DatabaseError::NotPermitted`].
    pub fn check(&self, login: &Login<'_>) -> Result<(), DatabaseError> {
        if (self.permits)(login.host, login.port) {
            return Ok(());
        }
        Err(DatabaseError::NotPermitted {
            host: login.host.to_owned(),
            port: login.port,
        })
    }

    /// Connects and logs in, within the time for that.
    ///
    /// # Errors
    /// Those of `work`; [`DatabaseError::Unreachable`] when it takes too long.
    pub async fn connecting<T>(
        &self,
        work: impl Future<Output = Result<T, DatabaseError>>,
    ) -> Result<T, DatabaseError> {
        within(self.connect_timeout, "log in", work).await
    }

    /// Runs a statement, within the time for that.
    ///
    /// # Errors
    /// Those of `work`; [`DatabaseError::Unreachable`] when it takes too long.
    pub async fn stating<T>(
        &self,
        work: impl Future<Output = Result<T, DatabaseError>>,
    ) -> Result<T, DatabaseError> {
        within(self.statement_timeout, "run a statement", work).await
    }
}

async fn within<T>(
    time: Duration,
    action: &str,
    work: impl Future<Output = Result<T, DatabaseError>>,
) -> Result<T, DatabaseError> {
    tokio::time::timeout(time, work).await.unwrap_or_else(|_| {
        let seconds = time.as_secs_f32();
        Err(DatabaseError::Unreachable(format!(
            "it took more than {seconds} s to {action}"
        )))
    })
}

/// Why a database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The user or the password is not the database's.
    #[error("the database refused the login: {0}")]
    LoginRefused(String),
    /// There is no connection: name, network, time.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// There is no trusted encryption.
    #[error("the TLS connection to the database is not to be trusted: {0}")]
    Untrusted(String),
    /// The operator does not let the server connect there.
    #[error("connections to `{host}` port {port} are not permitted")]
    NotPermitted {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// The database refused a statement: a missing privilege, a password that its rules do not allow.
    #[error("the database refused to {action}: {reason}")]
    Refused {
        /// What was to be done.
        action: &'static str,
        /// The database's words.
        reason: String,
    },
}

impl DatabaseError {
    /// Of a connection that cannot be made, or was lost.
    pub fn unreachable(error: &std::io::Error) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl DatabaseError {
    /// A statement was refused, in the database's words.
    pub fn refused(action: &'static str, reason: &str) -> Self {
        Self::Refused {
            action,
            reason: reason.to_owned(),
        }
    }

    /// The same without a password.
    ///
    /// SECURITY: a server that complains of a statement may repeat parts of it.
    pub fn without(self, password: &Plaintext) -> Self {
        let Ok(password) = std::str::from_utf8(password.expose()) else {
            return self;
        };
        match self {
            kept if password.is_empty() => kept,
            Self::Refused { action, reason } => Self::Refused {
                action,
                reason: reason.replace(password, "***"),
            },
            Self::LoginRefused(reason) => Self::LoginRefused(reason.replace(password, "***")),
            Self::Unreachable(reason) => Self::Unreachable(reason.replace(password, "***")),
            Self::Untrusted(reason) => Self::Untrusted(reason.replace(password, "***")),
            kept @ Self::NotPermitted { .. } => kept,
        }
    }
}

/// A password for a user that is not whole yet: nobody tries it, and the database's rules take it as they
/// take the new one.
///
/// A login with the new password tells that the user is whole, where users are made step by step.
pub fn provisional(new: &Plaintext) -> Plaintext {
    let reversed: Option<String> = std::str::from_utf8(new.expose())
        .ok()
        .map(|text| text.chars().rev().collect());
    Plaintext::from(reversed.unwrap_or_default())
}

impl From<Unquotable> for DatabaseError {
    fn from(unquotable: Unquotable) -> Self {
        Self::Refused {
            action: "be asked",
            reason: unquotable.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provisional_password_is_another_one_of_the_same_characters() {
        let new = Plaintext::from(String::from("A1b-ü"));

        assert_eq!(provisional(&new).expose(), "ü-b1A".as_bytes());
    }

    #[test]
    fn a_complaint_does_not_repeat_the_password() {
        let password = Plaintext::from(String::from("hunter2"));
        let none = Plaintext::from(String::new());
        let complaint = "syntax error near 'hunter2', hunter2";

        let refused = DatabaseError::refused("change a password", complaint);

        let untouched = refused.without(&none).to_string();
        assert!(untouched.ends_with(complaint), "{untouched}");
        assert_eq!(
            DatabaseError::refused("change a password", complaint)
                .without(&password)
                .to_string(),
            "the database refused to change a password: syntax error near '***', ***"
        );
    }
}
