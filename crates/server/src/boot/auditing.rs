//! Opening the audit log.

use super::{BootError, Deployment, Keys, Layout};
use crate::audit::{
    self, Accepted, AdminEvent, Directory, Durable, FileSink, History, KeyReplacement, KeyStore,
    LogStream, Retention, Shelf, Signer, Sinks, Surroundings,
};
use crate::config::Config;
use crate::files::FileError;
use crate::process::Taken;
use base::{Clock, Entropy, random_uuid};
use serde_json::json;
use services::{AuditEntry, AuditSink};
use std::path::Path;
use std::sync::Arc;
use store::Store;
use tokio::sync::mpsc;

/// What it takes to open the log.
pub(super) struct AuditOpening<'a> {
    pub(super) layout: &'a Layout,
    pub(super) config: &'a Config,
    pub(super) store: &'a Store,
    pub(super) keys: &'a Keys,
    pub(super) deployment: &'a Deployment,
    pub(super) taken: &'a Taken,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) entropy: &'a Arc<dyn Entropy>,
}

/// The open log.
pub(crate) struct Audit {
    /// Takes events.
    pub(crate) sink: Arc<FileSink>,
    /// The log, read back.
    pub(crate) stream: Arc<LogStream>,
    /// The log, looked up.
    pub(crate) history: Arc<History>,
    /// Where it is sent on to.
    pub(crate) sinks: Arc<Sinks>,
    /// Has another key sign it.
    pub(crate) key: Arc<KeyReplacement>,
    /// What it reports as safe.
    pub(super) durable: mpsc::UnboundedReceiver<Durable>,
    /// Deletes what is old enough, if anything ever is.
    pub(crate) retention: Option<Retention>,
}

impl AuditOpening<'_> {
    /// Opens the log.
    pub(super) async fn open(self) -> Result<Audit, BootError> {
        let dir = self.layout.audit();
        let accepts = self.config.accept_audit_loss;
        let (keys, signer) = self.signer(&dir, accepts).await?;
        let recovered = audit::open(&dir, &signer, accepts, self.store).await?;
        tracing::info!(
            key = %signer.public().id(),
            "the audit log is signed by this key"
        );
        let shelf: Arc<dyn Shelf> = Arc::new(recovered.shelf);
        let (report, durable) = mpsc::unbounded_channel();
        let sink = FileSink::start(
            recovered.end,
            Arc::clone(&shelf),
            Arc::clone(&signer),
            &self.config.audit,
            report,
        )
        .map_err(FileError::io("start to write", &dir))?;
        let sink = Arc::new(sink);
        match recovered.accepted {
            Some(accepted) => self.record(&sink, &accepted).await?,
            None if accepts => tracing::warn!("there was no loss of audit events to accept"),
            None => {}
        }
        let stream = Arc::new(LogStream::new(&dir, sink.synced()));
        let history = Arc::new(History::new(&dir, sink.synced()));
        let sinks = Arc::new(self.sinks(&stream)?);
        Ok(Audit {
            retention: self.retention(&sink, &sinks, shelf, Arc::clone(&signer)),
            key: Arc::new(KeyReplacement::new(keys, signer, Arc::clone(&sink))),
            sink,
            stream,
            history,
            sinks,
            durable,
        })
    }

    /// Who signs the log in `dir`. What a server left that died as it replaced the key is done first.
    async fn signer(
        &self,
        dir: &Path,
        accepts: bool,
    ) -> Result<(KeyStore, Arc<Signer>), BootError> {
        let keys = KeyStore {
            database: self.store.database().clone(),
            ring: self.keys.ring(),
            entropy: Arc::clone(self.entropy),
            dir: dir.to_owned(),
        };
        let loaded = keys.load(accepts).await?;
        let deployment = self.deployment.account().as_str();
        let signer = Signer::new(loaded.keys, deployment, Arc::clone(self.clock));
        if let (true, Some(first)) = (loaded.is_replacing, signer.since()) {
            let shelf = Directory::new(dir);
            let finished = signer.finish_replacing(&shelf);
            finished.map_err(FileError::io("sign what was deleted in", dir))?;
            keys.promote(first).await?;
        }
        Ok((keys, Arc::new(signer)))
    }

    fn sinks(&self, stream: &Arc<LogStream>) -> Result<Sinks, BootError> {
        let around = Surroundings {
            stream: Arc::clone(stream),
            clock: Arc::clone(self.clock),
            entropy: Arc::clone(self.entropy),
        };
        let (wanted, dir) = (&self.config.sinks, self.layout.audit_sinks());
        Ok(Sinks::open(wanted, &dir, self.taken, &around)?)
    }

    fn retention(
        &self,
        sink: &Arc<FileSink>,
        sinks: &Arc<Sinks>,
        shelf: Arc<dyn Shelf>,
        signer: Arc<Signer>,
    ) -> Option<Retention> {
        Some(Retention {
            dir: self.layout.audit(),
            days: self.config.audit.retention_days?.get(),
            signer,
            shelf,
            sink: Arc::clone(sink) as Arc<dyn AuditSink>,
            sinks: Arc::clone(sinks),
            entropy: Arc::clone(self.entropy),
            account: self.deployment.account().clone(),
            region: self.deployment.region().clone(),
        })
    }

    /// Writes down that an operator took note of a loss. It is the first event after it.
    async fn record(&self, sink: &FileSink, accepted: &Accepted) -> Result<(), BootError> {
        let request_id = random_uuid(self.entropy.as_ref());
        let event = AdminEvent {
            name: "AcceptAuditLoss",
            read_only: false,
            now: self.clock.now(),
            account: self.deployment.account(),
            region: self.deployment.region(),
            uid: rustix::process::geteuid().as_raw(),
            parameters: Some(json!({
                "reason": accepted.reason,
                "firstSequence": accepted.first,
                "lastSequence": accepted.last,
            })),
            target_account: None,
            request_id: &request_id,
            failure: None,
        };
        let line = event.to_line(&random_uuid(self.entropy.as_ref()));
        Ok(sink.append(AuditEntry { line, outbox: None }).await?)
    }
}
