//! The server's end of the admin socket.

use super::administration::Answer;
use super::protocol::{self, AccountRow, Command, KeyRow, SealStatus};
use crate::audit::{AdminEvent, FileSink};
use crate::boot::{Booted, Deployment, Keys, Layout};
use crate::error::{Error, chain};
use crate::files::{self, FileError};
use crate::tasks::Tasks;
use base::{AccountId, Clock, Entropy, random_uuid};
use services::{App, AuditEntry, AuditSink as _, Operator, Question};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Answers operator commands.
pub(crate) struct AdminServer {
    pub(super) app: Arc<App>,
    keys: Arc<Keys>,
    sink: Arc<FileSink>,
    pub(super) deployment: Deployment,
    pub(super) layout: Layout,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    path: PathBuf,
}

impl AdminServer {
    /// For the server that `booted` became.
    pub(crate) fn new(booted: &Booted) -> Self {
        Self {
            app: Arc::clone(&booted.app),
            keys: Arc::clone(&booted.keys),
            sink: Arc::clone(&booted.sink),
            deployment: booted.deployment.clone(),
            layout: booted.layout.clone(),
            clock: Arc::clone(&booted.clock),
            entropy: Arc::clone(&booted.entropy),
            path: booted.layout.admin_socket(),
        }
    }

    /// Opens the socket. One that is there was left by a server that is gone: the lock on the
    /// directory is ours.
    pub(crate) fn bind(&self) -> Result<UnixListener, Error> {
        files::remove_if_there(&self.path)?;
        let listener =
            UnixListener::bind(&self.path).map_err(FileError::io("listen on", &self.path))?;
        let owner_only = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&self.path, owner_only)
            .map_err(FileError::io("protect", &self.path))?;
        Ok(listener)
    }

    /// The socket's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Answers commands until dropped.
    pub(crate) async fn run(self: Arc<Self>, listener: UnixListener, tasks: Tasks) {
        let places = Arc::new(Semaphore::new(MOST_AT_ONCE));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let server = Arc::clone(&self);
                    tasks.spawn(async move {
                        server.converse(stream).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept operator commands");
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
    }

    async fn converse(&self, stream: UnixStream) {
        // A peer that stopped listening has no use for its answer.
        let _ = self.exchange(stream).await;
    }

    async fn exchange(&self, mut stream: UnixStream) -> io::Result<()> {
        let uid = stream.peer_cred()?.uid();
        // SECURITY: the mode of the socket says so already; this holds where modes of sockets are
        // not looked at, and when somebody loosened them.
        let answer = if is_operator(uid, rustix::process::geteuid().as_raw()) {
            match timeout(REQUEST_TIME, read_line(&mut stream)).await {
                Ok(line) => self.answer(&line?, uid).await,
                Err(_) => protocol::error_line("the request took too long"),
            }
        } else {
            protocol::error_line("only root and the server's own user may give commands")
        };
        timeout(REQUEST_TIME, stream.write_all(&answer)).await?
    }

    /// The answer line to a request line from the user `uid`.
    pub(super) async fn answer(&self, line: &[u8], uid: u32) -> Zeroizing<Vec<u8>> {
        let Ok(mut command) = serde_json::from_slice::<Command>(line) else {
            return protocol::error_line("the server does not know this command");
        };
        self.complete(&mut command);
        let request_id = random_uuid(self.entropy.as_ref());
        if let Err(error) = self.record(&command, uid, &request_id, None).await {
            return protocol::error_line(&chain(&error));
        }
        let operator = Operator {
            uid,
            request_id: request_id.clone(),
        };
        match self.run_command(&command, &operator).await {
            Ok(result) => protocol::ok_line(&result),
            Err(text) => {
                if let Err(error) = self.record(&command, uid, &request_id, Some(&text)).await {
                    tracing::error!(%error, "the failure of an operator command is not on file");
                }
                protocol::error_line(&text)
            }
        }
    }

    /// Fills in what the operator left open, so that the event that comes first can name it.
    fn complete(&self, command: &mut Command) {
        match command {
            Command::AccountCreate { account_id } => {
                account_id.get_or_insert_with(|| AccountId::random(self.entropy.as_ref()));
            }
            Command::AdminCreate { account_id, .. } | Command::WhoCan { account_id, .. } => {
                account_id.get_or_insert_with(|| self.deployment.account().clone());
            }
            Command::AccountList
            | Command::AccountRestoreAccess { .. }
            | Command::AccountRotateRootKeys { .. }
            | Command::Explain { .. }
            | Command::SealStatus
            | Command::SealRotate => {}
        }
    }

    async fn run_command(&self, command: &Command, operator: &Operator) -> Answer {
        match command {
            Command::AccountCreate { account_id } => self.create_account(account_id.as_ref()).await,
            Command::AccountList => self.list_accounts().await,
            Command::AccountRestoreAccess {
                account_id,
                secret,
                region,
            } => {
                self.restore_access(account_id, secret.as_deref(), region.as_ref(), operator)
                    .await
            }
            Command::AccountRotateRootKeys { account_id } => {
                self.rotate_root_keys(account_id, operator).await
            }
            Command::AdminCreate {
                user_name,
                account_id,
                profile,
            } => {
                let account = account_id.as_ref();
                self.create_administrator(account, user_name, profile.as_deref(), operator)
                    .await
            }
            Command::Explain {
                principal,
                action,
                resource,
                account_id,
                region,
                context,
            } => {
                self.explain(&Question {
                    principal: principal.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                    account: account_id.clone(),
                    region: region.clone(),
                    home: self.deployment.region().clone(),
                    context: context.clone(),
                })
                .await
            }
            Command::SealStatus => to_json(&self.seal_status()),
            Command::SealRotate => {
                self.keys.rotate().await.map_err(|error| chain(&error))?;
                to_json(&self.seal_status())
            }
            Command::WhoCan {
                action,
                secret,
                account_id,
                region,
            } => {
                self.who_can(action, secret, account_id.as_ref(), region.as_ref())
                    .await
            }
        }
    }

    async fn create_account(&self, id: Option<&AccountId>) -> Answer {
        let id = id
            .cloned()
            .unwrap_or_else(|| AccountId::random(self.entropy.as_ref()));
        let created = self.app.create_account(id).await;
        let account = created.map_err(|error| chain(&error))?;
        Ok(protocol::new_account(&account))
    }

    async fn list_accounts(&self) -> Answer {
        let accounts = self.app.list_accounts().await;
        let rows: Vec<AccountRow> = accounts
            .map_err(|error| chain(&error))?
            .into_iter()
            .map(AccountRow::from)
            .collect();
        to_json(&rows)
    }

    fn seal_status(&self) -> SealStatus {
        SealStatus {
            root_key: self.keys.fingerprint().to_owned(),
            keys: self.keys.list().into_iter().map(KeyRow::from).collect(),
        }
    }

    async fn record(
        &self,
        command: &Command,
        uid: u32,
        request_id: &str,
        failure: Option<&str>,
    ) -> Result<(), services::AuditError> {
        let event = AdminEvent {
            name: command.event_name(),
            read_only: command.is_read_only(),
            now: self.clock.now(),
            account: self.deployment.account(),
            region: self.deployment.region(),
            uid,
            parameters: command.shown(),
            target_account: command.target(),
            request_id,
            failure,
        };
        let line = event.to_line(&random_uuid(self.entropy.as_ref()));
        self.sink.append(AuditEntry { line, outbox: None }).await
    }
}

/// Whether the user `uid` may command a server that runs as `own`.
pub(super) fn is_operator(uid: u32, own: u32) -> bool {
    uid == 0 || uid == own
}

async fn read_line(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    BufReader::new(stream.take(MOST_REQUEST_BYTES))
        .read_until(b'\n', &mut line)
        .await?;
    Ok(line)
}

pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Answer {
    serde_json::to_vec(value)
        .map(Zeroizing::new)
        .map_err(|error| error.to_string())
}

const MOST_AT_ONCE: usize = 16;
const MOST_REQUEST_BYTES: u64 = 64 << 10;
const REQUEST_TIME: Duration = Duration::from_secs(5);
const BREATHER: Duration = Duration::from_millis(100);
