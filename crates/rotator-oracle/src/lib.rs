//! The driver of Oracle Database for rotations.
//!
//! Rules kept here: the protocol's library blocks, so each login and statement has a thread of the
//! runtime's for that; names are upper-cased, as Oracle does with those that nobody quoted; a user's
//! own password changes by the protocol and stands in no statement; of rows so many are read and no
//! more, but the library itself bounds neither the length of a message nor the time of a login.

mod clone;

use base::Plaintext;
use oracledb::{Config, Connection, Error, ErrorKind};
use rotators::quote::{self, Quoted, statement};
use rotators::{
    Database, DatabaseError, DatabaseFuture, Dial, Login, MOST_BYTES, Session, TOO_MUCH, Tls,
};
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use tempfile::TempDir;

/// Logs in to Oracle Database.
pub struct Oracle {
    dial: Dial,
}

impl Oracle {
    /// Connects as `dial` says. The operator's authorities are trusted besides Mozilla's, since the
    /// protocol's library knows no other way.
    pub fn new(dial: Dial) -> Self {
        Self { dial }
    }

    async fn connect(&self, login: Login<'_>) -> Result<Box<dyn Session>, DatabaseError> {
        self.dial.check(&login)?;
        let wallet = match login.tls {
            Tls::Verified => Some(wallet(&self.dial)?),
            Tls::Plain => None,
        };
        let settings = self.settings(&login, wallet.as_ref().map(TempDir::path))?;
        let statement_timeout = self.dial.statement_timeout;
        let connection = blocking(move || {
            let connection = oracledb::connect(settings).map_err(|error| not_logged_in(&error))?;
            connection
                .set_call_timeout(Some(statement_timeout))
                .map_err(|error| not_logged_in(&error))?;
            // It was read when the connection was made.
            drop(wallet);
            Ok(connection)
        })
        .await?;
        Ok(Box::new(OracleSession {
            connection: Arc::new(connection),
            current: Plaintext::new(login.password.expose().to_vec()),
            dial: self.dial.clone(),
        }))
    }

    fn settings(&self, login: &Login<'_>, wallet: Option<&Path>) -> Result<Config, DatabaseError> {
        let service = login.dbname.unwrap_or_default();
        if !is_a_service(service) {
            return Err(DatabaseError::refused(
                "be asked",
                "dbname is not the name of a service",
            ));
        }
        let protocol = match login.tls {
            Tls::Verified => "tcps",
            Tls::Plain => "tcp",
        };
        let (host, port) = (login.host, login.port);
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        let mut settings = Config::default()
            .set_credentials(login.username, quote::text(login.password)?)
            .set_connect_string(&format!("{protocol}://{host}:{port}/{service}"))
            .map(|settings| settings.set_transport_connect_timeout(Some(self.dial.connect_timeout)))
            .map_err(|error| not_logged_in(&error))?;
        if let Some(wallet) = wallet {
            settings = settings.set_wallet_location(wallet.display().to_string());
        }
        Ok(settings)
    }
}

impl Database for Oracle {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        Box::pin(self.dial.connecting(self.connect(login)))
    }
}

/// The library takes authorities from a file of this name only.
fn wallet(dial: &Dial) -> Result<TempDir, DatabaseError> {
    let not_written = |error: std::io::Error| {
        DatabaseError::Untrusted(format!("the authorities cannot be written down: {error}"))
    };
    let pem = rotators::authorities_pem(dial)?;
    let folder = tempfile::tempdir().map_err(not_written)?;
    std::fs::write(folder.path().join("ewallet.pem"), pem).map_err(not_written)?;
    Ok(folder)
}

/// SECURITY: what stands behind a `?` in a connect string would be settings.
fn is_a_service(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$' | b'#' | b'-')
        })
}

fn not_logged_in(error: &Error) -> DatabaseError {
    let reason = error.to_string();
    match error.kind() {
        ErrorKind::DbError(_) => match code(&reason) {
            Some(code) if REFUSED_LOGINS.contains(&code) => DatabaseError::LoginRefused(reason),
            _ => DatabaseError::refused("let the user in", &reason),
        },
        ErrorKind::TlsOperation | ErrorKind::PemFileOperation => DatabaseError::Untrusted(reason),
        _ if reason.contains("certificate") => DatabaseError::Untrusted(reason),
        _ => DatabaseError::Unreachable(reason),
    }
}

/// The number of `ORA-01017: …`.
fn code(reason: &str) -> Option<u32> {
    let (_, rest) = reason.split_once("ORA-")?;
    rest.split(|one: char| !one.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// A user of Oracle Database, logged in.
pub(crate) struct OracleSession {
    connection: Arc<Connection>,
    current: Plaintext,
    dial: Dial,
}

impl OracleSession {
    /// Runs a query with bound texts and returns its rows; every column is a text.
    pub(crate) async fn rows(
        &self,
        action: &'static str,
        query: &'static str,
        bound: &str,
        columns: usize,
    ) -> Result<Vec<Vec<String>>, DatabaseError> {
        let connection = Arc::clone(&self.connection);
        let bound = bound.to_owned();
        let answered = blocking(move || {
            let read = || {
                let mut rows = Vec::new();
                let mut left = MOST_BYTES;
                for row in connection.query(query, &[&bound])? {
                    let row = row?;
                    let texts = (0..columns).map(|column| row.get::<Option<String>>(column));
                    let texts: Result<Vec<_>, Error> = texts.collect();
                    let texts: Vec<String> =
                        texts?.into_iter().map(Option::unwrap_or_default).collect();
                    match left_after(&texts, left) {
                        Some(less) => left = less,
                        None => return Ok(None),
                    }
                    rows.push(texts);
                }
                Ok(Some(rows))
            };
            read()
                .map_err(|error: Error| refused(action, &error))?
                .ok_or_else(|| DatabaseError::Unreachable(TOO_MUCH.to_owned()))
        });
        self.dial.stating(answered).await
    }

    /// Runs a statement.
    pub(crate) async fn run(
        &self,
        action: &'static str,
        statement: Quoted,
    ) -> Result<(), DatabaseError> {
        let connection = Arc::clone(&self.connection);
        let answered = blocking(move || {
            connection
                .execute(&statement, &[])
                .map(drop)
                .map_err(|error| refused(action, &error))
        });
        self.dial.stating(answered).await
    }

    async fn set_own(&self, new: &Plaintext) -> Result<(), DatabaseError> {
        let connection = Arc::clone(&self.connection);
        let current = Quoted::new(quote::text(&self.current)?.to_owned());
        let text = Quoted::new(quote::text(new)?.to_owned());
        let answered = blocking(move || {
            connection
                .change_password(&current, &text)
                .map_err(|error| refused(SET, &error))
        });
        self.dial.stating(answered).await
    }

    async fn set(&self, user: &str, new: &Plaintext) -> Result<(), DatabaseError> {
        let alter = [
            "ALTER USER ",
            &quoted_name(user)?,
            " IDENTIFIED BY ",
            &password(new)?,
        ];
        self.run(SET, statement(&alter)).await
    }

    pub(crate) async fn exists(&self, user: &str) -> Result<bool, DatabaseError> {
        let rows = self
            .rows("look up a user", USER, &user.to_uppercase(), 1)
            .await?;
        Ok(!rows.is_empty())
    }
}

impl Session for OracleSession {
    fn probe(&mut self) -> DatabaseFuture<'_, ()> {
        let select = Quoted::new("SELECT SYSDATE FROM DUAL".to_owned());
        Box::pin(self.run("tell the time", select))
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
        Box::pin(async move {
            let timeout = self.dial.connect_timeout;
            let leave = blocking(move || {
                if let Some(mut connection) = Arc::into_inner(self.connection) {
                    // There is nobody left to tell.
                    let _ = connection.close();
                }
                Ok(())
            });
            let _ = tokio::time::timeout(timeout, leave).await;
        })
    }
}

/// What of `left` bytes is left after a row, which is never nothing itself.
fn left_after(row: &[String], left: usize) -> Option<usize> {
    row.iter().try_fold(left.checked_sub(ROW)?, |left, text| {
        left.checked_sub(text.len())
    })
}

/// Runs what blocks beside the runtime's own threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DatabaseError> + Send + 'static,
) -> Result<T, DatabaseError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(DatabaseError::Unreachable("the driver failed".to_owned())))
}

fn refused(action: &'static str, error: &Error) -> DatabaseError {
    match error.kind() {
        ErrorKind::DbError(_) => DatabaseError::refused(action, &error.to_string()),
        _ => DatabaseError::Unreachable(error.to_string()),
    }
}

pub(crate) fn quoted_name(user: &str) -> Result<Quoted, DatabaseError> {
    Ok(quote::oracle(&user.to_uppercase())?)
}

pub(crate) fn password(new: &Plaintext) -> Result<Quoted, DatabaseError> {
    Ok(quote::oracle(quote::text(new)?)?)
}

const SET: &str = "change a password";
/// What a row is at least counted as.
const ROW: usize = 64;
const USER: &str = "SELECT username FROM all_users WHERE username = :1";
/// Wrong, locked, expired, and no right to a session.
const REFUSED_LOGINS: [u32; 4] = [1017, 28000, 28001, 1045];

#[cfg(test)]
mod tests;
