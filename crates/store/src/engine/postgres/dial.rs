//! Making a connection: to the first host that is the primary, logged in and set up.

use super::options::{Address, Endpoint, password_for};
use super::session::{Session, Signs, drive};
use super::trouble::described;
use super::{PostgresOptions, quoted};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// Makes connections.
pub(super) struct Dialer {
    options: PostgresOptions,
    settings: String,
    /// The host that was the primary last.
    last: AtomicUsize,
}

impl Dialer {
    pub(super) fn new(options: PostgresOptions) -> Self {
        Self {
            settings: settings(&options),
            options,
            last: AtomicUsize::new(0),
        }
    }

    pub(super) fn options(&self) -> &PostgresOptions {
        &self.options
    }

    /// A connection to the primary, or why there is none.
    pub(super) async fn dial(&self) -> Result<Session, String> {
        let hosts = &self.options.target.hosts;
        let first = self.last.load(Ordering::Relaxed);
        let mut problems = Vec::new();
        for i in (0..hosts.len()).map(|i| first.wrapping_add(i) % hosts.len()) {
            let Some(host) = hosts.get(i) else { continue };
            match timeout(self.options.connect_timeout, self.connect(host)).await {
                Ok(Ok(session)) => {
                    self.last.store(i, Ordering::Relaxed);
                    return Ok(session);
                }
                Ok(Err(problem)) => problems.push(format!("{host}: {problem}")),
                Err(_) => problems.push(format!("{host}: no answer in time")),
            }
        }
        Err(problems.join("; "))
    }

    async fn connect(&self, host: &Endpoint) -> Result<Session, String> {
        let target = &self.options.target;
        let mut login = target.login.clone();
        if let Some(file) = &target.passfile {
            let database = login.get_dbname().unwrap_or_default();
            let user = login.get_user().unwrap_or_default();
            if let Some(password) = password_for(file, host, database, user)? {
                login.password(password);
            }
        }
        let session = match &host.address {
            Address::Tcp(name) => {
                let stream = self.reach(name, host.port).await?;
                match &target.tls {
                    None => log_in(&login, stream, NoTls).await?,
                    Some(tls) => {
                        let mut tls = tls.connector()?;
                        let tls = MakeTlsConnect::<TcpStream>::make_tls_connect(&mut tls, name)
                            .map_err(|error| error.to_string())?;
                        log_in(&login, stream, tls).await?
                    }
                }
            }
            #[cfg(unix)]
            Address::Unix(folder) => {
                let socket = folder.join(format!(".s.PGSQL.{}", host.port));
                let stream = tokio::net::UnixStream::connect(socket).await;
                log_in(&login, stream.map_err(|error| error.to_string())?, NoTls).await?
            }
            #[cfg(not(unix))]
            Address::Unix(_) => return Err(String::from("there are no local sockets here")),
        };
        self.set_up(session.client()).await?;
        Ok(session)
    }

    async fn reach(&self, name: &str, port: u16) -> Result<TcpStream, String> {
        let stream = TcpStream::connect((name, port))
            .await
            .map_err(|error| error.to_string())?;
        let keepalive = self.options.target.keepalive;
        let probes = socket2::TcpKeepalive::new()
            .with_time(keepalive.idle)
            .with_interval(keepalive.interval)
            .with_retries(keepalive.retries);
        let socket = socket2::SockRef::from(&stream);
        let set = socket
            .set_tcp_nodelay(true)
            .and_then(|()| socket.set_tcp_keepalive(&probes));
        #[cfg(target_os = "linux")]
        let set = set.and_then(|()| socket.set_tcp_user_timeout(Some(keepalive.user_timeout)));
        set.map_err(|error| error.to_string())?;
        Ok(stream)
    }

    /// Sets the session up, and sees that the server is one that can be used.
    async fn set_up(&self, client: &Client) -> Result<(), String> {
        let answers = client
            .simple_query(&self.settings)
            .await
            .map_err(|error| described(&error))?;
        let row = answers.iter().rev().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let row = row.ok_or("it does not tell what it is")?;
        let version = row.get(0).and_then(|text| text.parse::<u32>().ok());
        if version.is_none_or(|version| version < OLDEST_VERSION) {
            return Err(String::from("it is older than PostgreSQL 13"));
        }
        if row.get(1) != Some("UTF8") {
            return Err(String::from("the database's encoding is not UTF8"));
        }
        if row.get(2) != Some("off") {
            return Err(String::from("it is not the primary"));
        }
        Ok(())
    }
}

async fn log_in<S, T>(login: &Config, stream: S, tls: T) -> Result<Session, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: TlsConnect<S>,
    T::Stream: Unpin + Send + 'static,
{
    let connected = login.connect_raw(stream, tls).await;
    let (client, connection) = connected.map_err(|error| described(&error))?;
    let signs = Arc::<Signs>::default();
    let driver = Handle::current().spawn(drive(connection, Arc::clone(&signs)));
    Ok(Session::new(client, driver.abort_handle(), signs))
}

/// What a session is told at its beginning, and asked last.
///
/// SECURITY: names are looked up in the system's schema first, so that nobody's function comes in
/// between. Walking an index, which every statement of ours can do, keeps the server from taking
/// predicate locks on whole tables, so that fewer transactions are in each other's way.
fn settings(options: &PostgresOptions) -> String {
    let schema = quoted(&options.schema);
    let statement = options.statement_timeout.as_millis();
    let lock = options.lock_timeout.as_millis();
    let idle = options.idle_transaction_timeout.as_millis();
    format!(
        "SET search_path TO pg_catalog, {schema}, pg_temp; \
         SET statement_timeout TO {statement}; \
         SET lock_timeout TO {lock}; \
         SET idle_in_transaction_session_timeout TO {idle}; \
         SET default_transaction_isolation TO 'read committed'; \
         SET client_min_messages TO warning; \
         SET enable_seqscan TO off; \
         SET jit TO off; \
         SELECT set_config('synchronous_commit', 'on', false) \
             WHERE current_setting('synchronous_commit') = 'off'; \
         SELECT current_setting('server_version_num'), current_setting('server_encoding'), \
             current_setting('transaction_read_only')"
    )
}

const OLDEST_VERSION: u32 = 130_000;
