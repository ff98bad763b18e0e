//! The driver of PostgreSQL and Redshift for rotations.
//!
//! Rules kept here: a password reaches the server as the verifier that it would store anyway, so that
//! it stands in no log and no view of activity; statements are simple ones, since Redshift knows
//! little more; a user is cloned in one transaction; how a statement is read is for the session to
//! say, and neither for the user it is about nor for the owner of the database; a session listens to
//! so much and no more.

mod clone;
mod password;
mod settings;

pub use password::PasswordForm;

use base::Plaintext;
use rotators::quote::{self, Quoted, Unquotable, statement};
use rotators::{
    Database, DatabaseError, DatabaseFuture, Dial, Engine, Login, Metered, Session, Tls,
};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage, SimpleQueryRow};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Logs in to PostgreSQL and Redshift.
pub struct Postgres {
    dial: Dial,
    form: PasswordForm,
}

impl Postgres {
    /// Connects as `dial` says, and sends new passwords in `form`.
    pub fn new(dial: Dial, form: PasswordForm) -> Self {
        Self { dial, form }
    }

    async fn connect(&self, login: Login<'_>) -> Result<Box<dyn Session>, DatabaseError> {
        self.dial.check(&login)?;
        let config = settings(&login);
        let stream = TcpStream::connect((login.host, login.port))
            .await
            .map_err(|error| DatabaseError::Unreachable(error.to_string()))?;
        let stream = Metered::new(stream);
        let (client, connection) = match login.tls {
            Tls::Plain => logged_in(&config, stream, NoTls).await?,
            Tls::Verified => {
                let mut tls = MakeRustlsConnect::new(rotators::client_config(&self.dial)?);
                let tls =
                    MakeTlsConnect::<Metered<TcpStream>>::make_tls_connect(&mut tls, login.host)
                        .map_err(|error| DatabaseError::Untrusted(error.to_string()))?;
                logged_in(&config, stream, tls).await?
            }
        };
        let mut session = PostgresSession {
            client,
            connection,
            engine: login.engine,
            user: login.username.to_owned(),
            dial: self.dial.clone(),
            form: self.form,
        };
        session.fix_how_it_is_read().await?;
        Ok(Box::new(session))
    }
}

impl Database for Postgres {
    fn log_in<'a>(&'a self, login: Login<'a>) -> DatabaseFuture<'a, Box<dyn Session>> {
        Box::pin(self.dial.connecting(self.connect(login)))
    }
}

fn settings(login: &Login<'_>) -> Config {
    let mut config = Config::new();
    config
        .user(login.username)
        .password(login.password.expose())
        .application_name("strongroom-rotation")
        .ssl_mode(match login.tls {
            Tls::Verified => SslMode::Require,
            Tls::Plain => SslMode::Disable,
        });
    if let Some(dbname) = login.dbname {
        config.dbname(dbname);
    }
    config
}

/// What carries the messages of a client; it moves only while it is polled.
type Connection = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

async fn logged_in<T>(
    config: &Config,
    stream: Metered<TcpStream>,
    tls: T,
) -> Result<(Client, Connection), DatabaseError>
where
    T: TlsConnect<Metered<TcpStream>>,
    T::Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (client, connection) = config
        .connect_raw(stream, tls)
        .await
        .map_err(|error| not_logged_in(&error))?;
    Ok((client, Box::pin(connection)))
}

fn not_logged_in(error: &tokio_postgres::Error) -> DatabaseError {
    if let Some(refusal) = error.as_db_error() {
        let reason = refusal.message().to_owned();
        let code = refusal.code();
        return if *code == SqlState::INVALID_PASSWORD
            || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        {
            DatabaseError::LoginRefused(reason)
        } else {
            DatabaseError::refused(LOG_IN, &reason)
        };
    }
    let reason = with_sources(error);
    // The driver tells the kinds apart by their texts only.
    match error.to_string().split(':').next() {
        Some("error performing TLS handshake") => DatabaseError::Untrusted(reason),
        // What SCRAM has to say of the server: it does not know the password.
        Some("authentication error") => DatabaseError::LoginRefused(reason),
        _ => DatabaseError::Unreachable(reason),
    }
}

fn with_sources(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// A user of PostgreSQL or Redshift, logged in.
pub(crate) struct PostgresSession {
    client: Client,
    connection: Connection,
    engine: Engine,
    user: String,
    dial: Dial,
    form: PasswordForm,
}

impl PostgresSession {
    /// Makes the session read statements as they are meant.
    ///
    /// SECURITY: whoever owns a database says how its sessions begin, the master's too. Names that are
    /// looked up in a schema of the owner's would be the owner's functions and operators, run as the
    /// master; under another encoding or kind of literals, texts would end elsewhere.
    async fn fix_how_it_is_read(&mut self) -> Result<(), DatabaseError> {
        self.run(LOG_IN, "SET search_path TO pg_catalog, pg_temp")
            .await?;
        if self.engine == Engine::Redshift {
            // It has one encoding for clients, and its literals are written to mean one thing.
            return Ok(());
        }
        self.run(LOG_IN, MODES).await?;
        let rows = self.rows(LOG_IN, ARE_MODES_SET).await?;
        if rows.first().and_then(|row| row.get(0)) == Some("t") {
            return Ok(());
        }
        let reason = "it does not read statements as it was told to";
        Err(DatabaseError::refused(LOG_IN, reason))
    }

    /// A literal for this server.
    pub(crate) fn literal(&self, text: &str) -> Result<Quoted, Unquotable> {
        literal(self.engine, text)
    }

    /// An identifier for this server.
    pub(crate) fn identifier(&self, name: &str) -> Result<Quoted, Unquotable> {
        match self.engine {
            Engine::Redshift => quote::identifier(name),
            _ => quote::postgres_identifier(name),
        }
    }

    /// Runs a statement and returns its rows.
    pub(crate) async fn rows(
        &mut self,
        action: &'static str,
        statement: &str,
    ) -> Result<Vec<SimpleQueryRow>, DatabaseError> {
        let Self {
            client,
            connection,
            dial,
            ..
        } = self;
        let answered = async {
            alongside(connection, client.simple_query(statement))
                .await
                .map_err(|error| refused(action, &error))
        };
        let messages = dial.stating(answered).await?;
        let rows = messages.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        Ok(rows.collect())
    }

    pub(crate) async fn run(
        &mut self,
        action: &'static str,
        statement: &str,
    ) -> Result<(), DatabaseError> {
        self.rows(action, statement).await.map(drop)
    }

    async fn exists(&mut self, user: &str) -> Result<bool, DatabaseError> {
        let catalogue = match self.engine {
            Engine::Redshift => "SELECT 1 FROM pg_catalog.pg_user WHERE usename = ",
            _ => "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = ",
        };
        let name = self.literal(user)?;
        let found = self
            .rows("look up a user", &statement(&[catalogue, &name]))
            .await?;
        Ok(!found.is_empty())
    }

    async fn alter(&mut self, user: &str, new: &Plaintext) -> Result<(), DatabaseError> {
        let name = self.identifier(user)?;
        let password = self.password(user, new).await?;
        let alter = statement(&["ALTER USER ", &name, " WITH PASSWORD ", &password]);
        self.run("change a password", &alter).await
    }

    /// The literal of a password, in the form in which it is sent.
    pub(crate) async fn password(
        &mut self,
        user: &str,
        new: &Plaintext,
    ) -> Result<Quoted, DatabaseError> {
        let stored = match (self.form, self.engine) {
            (PasswordForm::Clear, _) => None,
            (PasswordForm::Verifier, Engine::Redshift) => Some("md5".to_owned()),
            (PasswordForm::Verifier, _) => self
                .rows("tell how it stores passwords", "SHOW password_encryption")
                .await?
                .first()
                .and_then(|row| row.get(0).map(str::to_owned)),
        };
        Ok(password::literal(
            self.engine,
            stored.as_deref(),
            user,
            new,
        )?)
    }
}

impl Session for PostgresSession {
    fn probe(&mut self) -> DatabaseFuture<'_, ()> {
        Box::pin(self.run("tell the time", "SELECT NOW()"))
    }

    fn set_own_password<'a>(&'a mut self, new: &'a Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(async {
            let user = self.user.clone();
            self.alter(&user, new).await
        })
    }

    fn user_exists<'a>(&'a mut self, user: &'a str) -> DatabaseFuture<'a, bool> {
        Box::pin(self.exists(user))
    }

    fn set_password<'a>(&'a mut self, user: &'a str, new: &'a Plaintext) -> DatabaseFuture<'a, ()> {
        Box::pin(self.alter(user, new))
    }

    fn clone_user<'a>(
        &'a mut self,
        original: &'a str,
        clone: &'a str,
        new: &'a Plaintext,
    ) -> DatabaseFuture<'a, ()> {
        Box::pin(async move {
            match self.engine {
                Engine::Redshift => clone::on_redshift(self, original, clone, new).await,
                _ => clone::on_postgres(self, original, clone, new).await,
            }
        })
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let Self {
            client,
            connection,
            dial,
            ..
        } = *self;
        Box::pin(async move {
            drop(client);
            // The connection takes leave once it has no client, and then ends.
            let _ = tokio::time::timeout(dial.connect_timeout, connection).await;
        })
    }
}

pub(crate) fn literal(engine: Engine, text: &str) -> Result<Quoted, Unquotable> {
    match engine {
        Engine::Redshift => quote::redshift_literal(text),
        _ => quote::postgres_literal(text),
    }
}

/// Waits for `work` while the connection moves.
async fn alongside<T>(
    connection: &mut Connection,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, tokio_postgres::Error> {
    let mut work = pin!(work);
    let mut ended = None;
    poll_fn(|task| {
        if ended.is_none()
            && let Poll::Ready(end) = connection.as_mut().poll(task)
        {
            ended = Some(end);
        }
        match (work.as_mut().poll(task), &mut ended) {
            (Poll::Ready(answer), _) => Poll::Ready(answer),
            // Nothing will answer `work` any more, and nothing else tells it.
            (Poll::Pending, Some(end)) => match std::mem::replace(end, Ok(())) {
                Err(error) => Poll::Ready(Err(error)),
                Ok(()) => Poll::Pending,
            },
            (Poll::Pending, None) => Poll::Pending,
        }
    })
    .await
}

fn refused(action: &'static str, error: &tokio_postgres::Error) -> DatabaseError {
    match error.as_db_error() {
        Some(refusal) => DatabaseError::refused(action, refusal.message()),
        None => DatabaseError::Unreachable(with_sources(error)),
    }
}

const LOG_IN: &str = "let the user in";
/// Statements of their own, so that those that come after are read this way from the start.
const MODES: &str = "SET client_encoding TO 'UTF8'; SET standard_conforming_strings TO on";
const ARE_MODES_SET: &str = "SELECT pg_catalog.current_setting('client_encoding') = 'UTF8' \
    AND pg_catalog.current_setting('standard_conforming_strings') = 'on'";
