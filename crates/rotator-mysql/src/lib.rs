//! The driver of MySQL and MariaDB for rotations.
//!
//! Rules kept here: neither takes bound parameters where accounts and passwords stand, so each
//! session has a `sql_mode` and character set in which quoting is certain; a user is all accounts of
//! that name, whatever their hosts; an account keeps the plugin that checks its password; what a
//! server says is heard through a guard, which bounds it.

mod accounts;
mod grants;
mod guard;

use base::Plaintext;
use guard::{Entrance, Guard};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, DriverError, Error, Opts, OptsBuilder};
use rotators::quote::{self, statement};
use rotators::{Database, DatabaseError, DatabaseFuture, Dial, Login, MOST_BYTES, Session};
use std::future::Future;
use std::pin::Pin;

/// Logs in to MySQL and MariaDB.
pub struct MySql {
    dial: Dial,
}

impl MySql {
    /// Connects as `dial` says.
    pub fn new(dial: Dial) -> Self {
        Self { dial }
    }

    async fn connect(&self, login: Login<'_>) -> Result<Box<dyn Session>, DatabaseError> {
        self.dial.check(&login)?;
        let mut guard = Guard::start(&self.dial, &login).await?;
        let settings = settings(&login, guard.entrance())?;
        let (connection, is_mariadb) = match greeted(settings).await {
            Ok(greeted) => greeted,
            Err(error) => {
                let own = not_logged_in(&error);
                return Err(explained(&mut guard, &self.dial, &error, own).await);
            }
        };
        Ok(Box::new(MySqlSession {
            connection,
            guard,
            is_mariadb,
            dial: self.dial.clone(),
        }))
    }
}

fn settings(login: &Login<'_>, entrance: &Entrance) -> Result<Opts, DatabaseError> {
    let settings = OptsBuilder::default()
        .user(Some(login.username))
        .pass(Some(quote::text(login.password)?))
        .db_name(login.dbname)
        // Neither is asked of the server then.
        .max_allowed_packet(Some(MOST_BYTES))
        .wait_timeout(Some(IDLE_SECONDS))
        // SECURITY: the driver would leave TCP for a socket that the server names.
        .prefer_socket(false)
        .setup(SETUP.to_vec());
    Ok(match entrance {
        Entrance::Port(port) => settings.ip_or_hostname(LOOPBACK).tcp_port(*port),
        Entrance::Socket(path) => settings.socket(Some(path.to_string_lossy())),
    }
    .into())
}

/// Logged in, and whether it is MariaDB.
async fn greeted(settings: Opts) -> Result<(Conn, bool), Error> {
    let mut connection = Conn::new(settings).await?;
    // What the server calls itself, since each template has been used with the other's servers.
    let version: Option<String> = connection.query_first("SELECT VERSION()").await?;
    let is_mariadb = version.unwrap_or_default().contains("MariaDB");
    Ok((connection, is_mariadb))
}

/// What the guard knows, of a connection that it has cut.
async fn explained(
    guard: &mut Guard,
    dial: &Dial,
    error: &Error,
    own: DatabaseError,
) -> DatabaseError {
    match error {
        Error::Io(_) | Error::Driver(DriverError::ConnectionClosed) => {
            guard.reason(dial).await.unwrap_or(own)
        }
        _ => own,
    }
}

impl Database for MySql {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        Box::pin(self.dial.connecting(self.connect(login)))
    }
}

fn not_logged_in(error: &Error) -> DatabaseError {
    match error {
        Error::Server(refusal) if REFUSED_LOGINS.contains(&refusal.code) => {
            DatabaseError::LoginRefused(refusal.message.clone())
        }
        Error::Server(refusal) => DatabaseError::refused("let the user in", &refusal.message),
        // MySQL asks who does not exist for a plugin drawn by lot, to tell nobody that.
        Error::Driver(unknown @ DriverError::UnknownAuthPlugin { .. }) => {
            DatabaseError::LoginRefused(unknown.to_string())
        }
        Error::Driver(other) => DatabaseError::refused("let the user in", &other.to_string()),
        other => DatabaseError::Unreachable(other.to_string()),
    }
}

/// A user of MySQL or MariaDB, logged in.
pub(crate) struct MySqlSession {
    connection: Conn,
    guard: Guard,
    is_mariadb: bool,
    dial: Dial,
}

impl MySqlSession {
    /// Runs a statement and returns the columns of its rows, as texts; `NULL` is an empty one.
    pub(crate) async fn rows(
        &mut self,
        action: &'static str,
        statement: &str,
    ) -> Result<Vec<Vec<String>>, DatabaseError> {
        let Self {
            connection,
            guard,
            dial,
            ..
        } = self;
        let answered = async {
            let answer: Result<Vec<mysql_async::Row>, Error> = connection.query(statement).await;
            match answer {
                Ok(rows) => Ok(rows.into_iter().map(texts).collect()),
                Err(error) => {
                    let own = refused(action, &error);
                    Err(explained(guard, dial, &error, own).await)
                }
            }
        };
        dial.stating(answered).await
    }

    pub(crate) async fn run(
        &mut self,
        action: &'static str,
        statement: &str,
    ) -> Result<(), DatabaseError> {
        self.rows(action, statement).await.map(drop)
    }

    async fn set_own(&mut self, new: &Plaintext) -> Result<(), DatabaseError> {
        let password = accounts::password(self.is_mariadb, new)?;
        let set = statement(&["SET PASSWORD = ", &password]);
        match self.run(SET, &set).await {
            Err(DatabaseError::Refused { reason, .. }) if reason.starts_with(NEEDS_CURRENT) => {
                let current = self.connection.opts().pass().unwrap_or_default();
                let current = quote::literal(current)?;
                let set = statement(&[&set, " REPLACE ", &current]);
                self.run(SET, &set).await
            }
            other => other,
        }
    }
}

fn texts(row: mysql_async::Row) -> Vec<String> {
    row.unwrap()
        .into_iter()
        .map(|value| match value {
            mysql_async::Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            mysql_async::Value::NULL => String::new(),
            other => other.as_sql(true),
        })
        .collect()
}

impl Session for MySqlSession {
    fn probe(&mut self) -> DatabaseFuture<'_, ()> {
        Box::pin(self.run("tell the time", "SELECT NOW()"))
    }

    fn set_own_password<'a>(&'a mut self, new: &'a Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(self.set_own(new))
    }

    fn user_exists<'a>(&'a mut self, user: &'a str) -> DatabaseFuture<'a, bool> {
        Box::pin(async move { Ok(!accounts::of(self, user).await?.is_empty()) })
    }

    fn set_password<'a>(&'a mut self, user: &'a str, new: &'a Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(accounts::set_password(self, user, new))
    }

    fn clone_user<'a>(
        &'a mut self,
        original: &'a str,
        clone: &'a str,
        new: &'a Plaintext,
    ) -> DatabaseFuture<'a, ()> {
        Box::pin(accounts::clone_all(self, original, clone, new))
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let Self {
            connection,
            mut guard,
            dial,
            ..
        } = *self;
        Box::pin(async move {
            let _ = tokio::time::timeout(dial.connect_timeout, connection.disconnect()).await;
            // It passes the leave on, and then ends.
            guard.reason(&dial).await;
        })
    }
}

fn refused(action: &'static str, error: &Error) -> DatabaseError {
    match error {
        Error::Server(refusal) if refusal.code == MISSING_CURRENT => DatabaseError::Refused {
            action,
            reason: NEEDS_CURRENT.to_owned(),
        },
        Error::Server(refusal) => DatabaseError::refused(action, &refusal.message),
        Error::Driver(other) => DatabaseError::refused(action, &other.to_string()),
        other => DatabaseError::Unreachable(other.to_string()),
    }
}

/// SECURITY: what `quote::literal` and `quote::backticked` rely on, whatever the server's defaults.
/// `ANSI_QUOTES` is off too, so the server writes identifiers in backticks, as it is told to.
const SETUP: [&str; 2] = [
    "SET NAMES utf8mb4",
    "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES', SESSION sql_quote_show_create = 1",
];
const LOOPBACK: &str = "127.0.0.1";
/// The servers' default.
const IDLE_SECONDS: usize = 28800;
pub(crate) const SET: &str = "change a password";
/// Access denied, with and without a password; locked, on MySQL and MariaDB; expired.
const REFUSED_LOGINS: [u16; 5] = [1045, 1698, 3118, 4151, 1862];
/// `password_require_current` is on.
const MISSING_CURRENT: u16 = 3892;
const NEEDS_CURRENT: &str = "the current password is to be given too";
