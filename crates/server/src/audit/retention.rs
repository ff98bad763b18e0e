//! Retention: closed segments are deleted when they are old enough.
//!
//! Rules kept here: oldest first, and only what a digest of ours closes; the event comes first, then
//! the signed statement, then the files go. So a file that is gone without the statement was deleted
//! by somebody else, and stays one when later ones are deleted. Digests stay.

mod expired;
mod steady;

pub(crate) use steady::Steady;

use super::AdminEvent;
use super::log::Shelf;
use super::signer::Signer;
use super::sinks::Sinks;
use crate::files::{self, FileError};
use ::audit::{RETENTION, Said};
use base::{AccountId, Entropy, RegionName, Timestamp, random_uuid};
use expired::{Expired, Shelved};
use serde_json::json;
use services::{AuditEntry, AuditError, AuditSink};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Deletes what is old enough.
pub(crate) struct Retention {
    pub(crate) dir: PathBuf,
    pub(crate) days: u32,
    pub(crate) signer: Arc<Signer>,
    pub(crate) shelf: Arc<dyn Shelf>,
    pub(crate) sink: Arc<dyn AuditSink>,
    /// Who is told of before it is too late for them.
    pub(crate) sinks: Arc<Sinks>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
}

/// Why nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RetentionError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Files were not looked at to the end.
    #[error("cannot look at the files of the log")]
    Unfinished(#[from] tokio::task::JoinError),
    /// The statement.
    #[error("cannot sign or write `retention.json`")]
    Statement(#[source] io::Error),
    /// The event.
    #[error("cannot write the event of what is to be deleted")]
    Event(#[from] AuditError),
}

impl Retention {
    /// Deletes what is old enough now. Safe to be run again after it failed or died anywhere.
    pub(crate) async fn tick(&self) -> Result<(), RetentionError> {
        let now = self.signer.clock.now();
        let due = self.expired(now).await?;
        if let Some(obstacle) = &due.obstacle {
            tracing::warn!(%obstacle, "old audit segments are kept");
        }
        if due.files.is_empty() {
            return Ok(());
        }
        self.sinks.warn_before_deletion(due.through);
        self.record(now, &due).await?;
        let said = Said::Retention(::audit::Retention {
            deleted_through: due.through,
            history: due.history,
        });
        let put = self.signer.put(self.shelf.as_ref(), RETENTION, said);
        put.map_err(RetentionError::Statement)?;
        let segments = due.segments;
        blocking(move || {
            let mut old = due.files.iter();
            old.try_for_each(|path| files::remove_if_there(path))
        })
        .await?;
        tracing::info!(segments, "old audit segments are deleted");
        Ok(())
    }

    async fn expired(&self, now: Timestamp) -> Result<Expired, RetentionError> {
        let days = i64::from(self.days).saturating_mul(DAY_MILLIS);
        let limit = Timestamp::from_millis(now.as_millis().saturating_sub(days));
        let shelved = Shelved {
            dir: self.dir.clone(),
            keys: self.signer.believed(),
            limit: limit.to_iso(),
        };
        // There may be many files, for which nobody is to wait.
        blocking(move || shelved.expired()).await
    }

    async fn record(&self, now: Timestamp, due: &Expired) -> Result<(), AuditError> {
        let request_id = random_uuid(self.entropy.as_ref());
        let event = AdminEvent {
            name: "DeleteAuditSegments",
            read_only: false,
            now,
            account: &self.account,
            region: &self.region,
            uid: rustix::process::geteuid().as_raw(),
            parameters: Some(json!({
                "segments": due.segments,
                "throughSequence": due.through,
                "history": due.history,
                "retentionDays": self.days,
            })),
            target_account: None,
            request_id: &request_id,
            failure: None,
        };
        let line = event.to_line(&random_uuid(self.entropy.as_ref()));
        self.sink.append(AuditEntry { line, outbox: None }).await
    }
}

/// Does `work` with files where nobody waits for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, RetentionError> {
    Ok(tokio::task::spawn_blocking(work).await??)
}

const DAY_MILLIS: i64 = 86_400_000;

#[cfg(test)]
mod tests;
