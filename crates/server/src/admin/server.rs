//! The server's end of the admin socket.

use super::live::Live;
use super::protocol::{self, Command, OneSecret, Unused};
use super::sealing::{Passage, Sealed};
use crate::audit::{self, AdminEvent, Batch, Refusals, Refused};
use crate::boot::{Booted, Deployment, Door, Ground, Layout};
use crate::error::{Error, chain};
use crate::files::{self, FileError};
use crate::tasks::Tasks;
use base::{AccountId, Clock, Entropy, random_uuid};
use serde_json::json;
use services::{AuditEntry, AuditSink as _, Operator};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// What becomes of a seal.
#[derive(Clone, Copy)]
pub(crate) enum SealMoment {
    /// The server starts sealed.
    Starts,
    /// It was opened.
    Ends(Refused),
    /// It is stopped without having been opened.
    Stops(Refused),
}

/// Answers operator commands.
pub(crate) struct AdminServer {
    live: OnceLock<Live>,
    sealed: Option<Sealed>,
    /// Whether the audit file is being handed to its sink.
    is_opening: AtomicBool,
    deployment: Deployment,
    layout: Layout,
    config_file: Option<PathBuf>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    path: PathBuf,
}

impl AdminServer {
    /// For the server that `booted` became, which was told what it is by `config_file`.
    pub(crate) fn open(booted: &Booted, config_file: Option<&Path>) -> Self {
        let server = Self {
            live: OnceLock::new(),
            sealed: None,
            is_opening: AtomicBool::new(false),
            deployment: booted.deployment.clone(),
            layout: booted.ground.layout.clone(),
            config_file: config_file.map(Path::to_owned),
            clock: Arc::clone(&booted.ground.clock),
            entropy: Arc::clone(&booted.ground.entropy),
            path: booted.ground.layout.admin_socket(),
        };
        server.unsealed(booted);
        server
    }

    /// For a server that is sealed. What opens `door` goes to `passages`.
    pub(crate) fn sealed(
        ground: &Ground,
        deployment: &Deployment,
        config_file: Option<&Path>,
        door: Door,
        passages: mpsc::Sender<Passage>,
    ) -> Self {
        Self {
            live: OnceLock::new(),
            sealed: Some(Sealed::new(Arc::new(door), passages)),
            is_opening: AtomicBool::new(false),
            deployment: deployment.clone(),
            layout: ground.layout.clone(),
            config_file: config_file.map(Path::to_owned),
            clock: Arc::clone(&ground.clock),
            entropy: Arc::clone(&ground.entropy),
            path: ground.layout.admin_socket(),
        }
    }

    /// Takes no command until [`AdminServer::unsealed`]: its event would come between the audit
    /// file and who is to write it from then on.
    pub(crate) fn is_being_unsealed(&self) {
        self.is_opening.store(true, Ordering::Release);
    }

    /// Takes every command from now on: the server became `booted`.
    pub(crate) fn unsealed(&self, booted: &Booted) {
        // A server is opened once.
        let _ = self.live.set(Live::new(booted, self.config_file.clone()));
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
        if let Err(text) = self.record(&command, uid, &request_id, None).await {
            return protocol::error_line(&text);
        }
        let outcome = match self.live.get() {
            Some(live) => {
                let operator = Operator {
                    uid,
                    request_id: request_id.clone(),
                };
                live.run_command(&command, &operator).await
            }
            None => self.run_sealed(&command).await,
        };
        match outcome {
            Ok(result) => protocol::ok_line(&result),
            Err(text) => {
                if let Err(error) = self.record(&command, uid, &request_id, Some(&text)).await {
                    tracing::error!(error, "the failure of an operator command is not on file");
                }
                protocol::error_line(&text)
            }
        }
    }

    /// Writes down that the server is sealed, or that it is no more and how many requests it
    /// refused until then.
    pub(crate) async fn record_seal(&self, moment: SealMoment) -> Result<(), String> {
        let counts = |refused: Refused| json!({ "refusedRequests": refused.requests, "omittedEvents": refused.omitted });
        let (name, parameters) = match moment {
            SealMoment::Starts => ("StartSealed", None),
            SealMoment::Ends(refused) => ("EndSealed", Some(counts(refused))),
            SealMoment::Stops(refused) => ("StopSealed", Some(counts(refused))),
        };
        self.write(vec![self.own_event(name, parameters)]).await
    }

    /// Writes down what was refused since the last time. What cannot be written is counted.
    pub(crate) async fn record_refusals(&self, refusals: &Refusals) {
        let Some(Batch {
            mut events,
            omitted,
        }) = refusals.take()
        else {
            return;
        };
        let count = events.len();
        if omitted > 0 {
            let parameters = json!({ "omittedEvents": omitted });
            events.push(self.own_event("OmitRefusals", Some(parameters)));
        }
        if let Err(error) = self.write(events).await {
            tracing::error!(error, "what a sealed server refused is not on file");
            refusals.lost(count, omitted);
        }
    }

    /// An event of the server's own.
    fn own_event(&self, name: &'static str, parameters: Option<serde_json::Value>) -> Vec<u8> {
        let request_id = random_uuid(self.entropy.as_ref());
        let event = AdminEvent {
            name,
            parameters,
            ..self.event(&request_id)
        };
        event.to_line(&random_uuid(self.entropy.as_ref()))
    }

    async fn run_sealed(&self, command: &Command) -> super::live::Answer {
        let Some(sealed) = &self.sealed else {
            return Err(String::from(SEALED));
        };
        match command {
            Command::SealStatus => sealed.status(),
            Command::SealUnseal { share, passphrase } => {
                if !sealed.unseal(share.as_ref(), passphrase.as_ref()).await? {
                    return sealed.status();
                }
                match self.live.get() {
                    Some(live) => live.seal_status(),
                    None => sealed.status(),
                }
            }
            _ => Err(String::from(SEALED)),
        }
    }

    /// Fills in what the operator left open, so that the event that comes first can name it.
    fn complete(&self, command: &mut Command) {
        match command {
            Command::AccountCreate { account_id } => {
                account_id.get_or_insert_with(|| AccountId::random(self.entropy.as_ref()));
            }
            Command::AccessShow(OneSecret { account_id, .. })
            | Command::AccessUnused(Unused { account_id, .. })
            | Command::AdminCreate { account_id, .. }
            | Command::RotationCheck(OneSecret { account_id, .. })
            | Command::RotationShow(OneSecret { account_id, .. })
            | Command::WhoCan { account_id, .. } => {
                account_id.get_or_insert_with(|| self.deployment.account().clone());
            }
            Command::Rotator(command) => {
                let account = command.account_mut();
                account.get_or_insert_with(|| self.deployment.account().clone());
            }
            Command::AccountList
            | Command::AccountRestoreAccess { .. }
            | Command::AccountRotateRootKeys { .. }
            | Command::AuditSinks
            | Command::DeliveriesList { .. }
            | Command::Explain(_)
            | Command::NodeList
            | Command::SealAbandon
            | Command::SealFinish { .. }
            | Command::SealMigrate { .. }
            | Command::SealRecoveryMake { .. }
            | Command::SealRecoveryRemove {}
            | Command::SealRotate { .. }
            | Command::SealStatus
            | Command::SealUnseal { .. } => {}
        }
    }

    async fn record(
        &self,
        command: &Command,
        uid: u32,
        request_id: &str,
        failure: Option<&str>,
    ) -> Result<(), String> {
        let event = AdminEvent {
            name: command.event_name(),
            read_only: command.is_read_only(),
            uid,
            parameters: command.shown(),
            target_account: command.target(),
            failure,
            ..self.event(request_id)
        };
        let line = event.to_line(&random_uuid(self.entropy.as_ref()));
        self.write(vec![line]).await
    }

    fn event<'a>(&'a self, request_id: &'a str) -> AdminEvent<'a> {
        AdminEvent {
            name: "",
            read_only: false,
            now: self.clock.now(),
            account: self.deployment.account(),
            region: self.deployment.region(),
            uid: rustix::process::geteuid().as_raw(),
            parameters: None,
            target_account: None,
            request_id,
            failure: None,
        }
    }

    /// To the sink, or, as long as there is none, to the file itself.
    async fn write(&self, events: Vec<Vec<u8>>) -> Result<(), String> {
        match self.live.get() {
            Some(live) => {
                for line in events {
                    let entry = AuditEntry { line, outbox: None };
                    let written = live.sink.append(entry).await;
                    written.map_err(|error| chain(&error))?;
                }
                Ok(())
            }
            None if self.is_opening.load(Ordering::Acquire) => {
                Err(String::from("the server is being opened: try again"))
            }
            None => {
                let deployment = self.deployment.account().as_str();
                let written = audit::append(&self.layout.audit(), deployment, &events);
                written.map_err(|error| chain(&error))
            }
        }
    }
}

/// Whether the user `uid` may command a server that runs as `own`.
pub(super) fn is_operator(uid: u32, own: u32) -> bool {
    uid == 0 || uid == own
}

/// SECURITY: the line may hold a secret, so it has its room from the start and is overwritten.
async fn read_line(stream: &mut UnixStream) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(FIRST_ROOM));
    BufReader::with_capacity(1, stream.take(MOST_REQUEST_BYTES))
        .read_until(b'\n', &mut line)
        .await?;
    Ok(line)
}

const SEALED: &str = "the server is sealed: run `strongroom seal unseal` first";
const MOST_AT_ONCE: usize = 16;
const MOST_REQUEST_BYTES: u64 = 64 << 10;
/// More than a request with a secret needs.
const FIRST_ROOM: usize = 16 << 10;
const REQUEST_TIME: Duration = Duration::from_secs(5);
const BREATHER: Duration = Duration::from_millis(100);
