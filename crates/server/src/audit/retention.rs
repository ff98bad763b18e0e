//! Retention: closed segments are deleted when they are old enough.
//!
//! Rules kept here: oldest first, and only what a digest of ours closes; the event comes first, then
//! the signed statement, then the files go. So a file that is gone without the statement was deleted
//! by somebody else. Digests stay.

use super::AdminEvent;
use super::log::Shelf;
use super::signing::Signer;
use super::sinks::Sinks;
use crate::files::{self, FileError};
use ::audit::{BEGINNING, FileName, HISTORY, RETENTION, Said, Statement};
use base::{AccountId, Entropy, RegionName, Timestamp, random_uuid};
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
    /// The statement.
    #[error("cannot sign what is to be deleted")]
    Sign(#[from] ::audit::KeyError),
    /// The statement's file.
    #[error("cannot write `retention.json`")]
    Statement(#[source] io::Error),
    /// The event.
    #[error("cannot write the event of what is to be deleted")]
    Event(#[from] AuditError),
}

/// What is old enough.
#[derive(Default)]
struct Due {
    /// Files, in the order in which they go.
    files: Vec<PathBuf>,
    segments: usize,
    through: u64,
    history: bool,
}

impl Retention {
    /// Deletes what is old enough now. Safe to be run again after it failed or died anywhere.
    pub(crate) async fn tick(&self) -> Result<(), RetentionError> {
        let now = self.signer.clock.now();
        let Some(due) = self.due(now)? else {
            return Ok(());
        };
        self.sinks.warn_before_deletion(due.through);
        self.record(now, &due).await?;
        let said = Said::Retention(::audit::Retention {
            deleted_through: due.through,
            history: due.history,
        });
        let content = self.signer.sign(None, said)?;
        self.shelf
            .put(RETENTION, &content)
            .map_err(RetentionError::Statement)?;
        for path in &due.files {
            files::remove_if_there(path)?;
        }
        tracing::info!(segments = due.segments, "old audit segments are deleted");
        Ok(())
    }

    fn due(&self, now: Timestamp) -> Result<Option<Due>, FileError> {
        let days = i64::from(self.days).saturating_mul(DAY_MILLIS);
        let limit = Timestamp::from_millis(now.as_millis().saturating_sub(days)).to_iso();
        // What was deleted before stays said.
        let mut due = Due::default();
        if let Some(Said::Retention(before)) = self.said(RETENTION)?.map(|(_, said)| said) {
            due.through = before.deleted_through;
            due.history = before.history;
        }
        let history = self.dir.join(HISTORY);
        if files::is_there(&history)? {
            let begun = self.said(BEGINNING)?;
            if begun.is_none_or(|(time, _)| time >= limit) {
                return Ok(None);
            }
            due.history = true;
            due.files.push(history);
        }
        for (first, path) in self.segments()? {
            let Some((time, Said::Segment(segment))) = self.said(&FileName::digest(first))? else {
                break;
            };
            // SECURITY: the times of events are the file's, which others may have written; that of the
            // statement is the server's own.
            if time >= limit || segment.last_event_time.is_some_and(|event| event >= limit) {
                break;
            }
            due.through = due.through.max(segment.last_sequence);
            due.segments = due.segments.saturating_add(1);
            due.files.push(path);
            due.files.push(self.dir.join(FileName::index(first)));
        }
        Ok((!due.files.is_empty()).then_some(due))
    }

    /// The segments that are there, oldest first.
    fn segments(&self) -> Result<Vec<(u64, PathBuf)>, FileError> {
        let read = || -> io::Result<Vec<(u64, PathBuf)>> {
            let mut segments = Vec::new();
            for entry in std::fs::read_dir(&self.dir)? {
                let entry = entry?;
                if let Some(FileName::Segment(first)) =
                    FileName::parse(&entry.file_name().to_string_lossy())
                {
                    segments.push((first, entry.path()));
                }
            }
            segments.sort();
            Ok(segments)
        };
        read().map_err(FileError::io("read", &self.dir))
    }

    /// When a statement of ours was made, and what it says. `None`: there is none to be believed.
    fn said(&self, name: &str) -> Result<Option<(String, Said)>, FileError> {
        let content = files::read_if_there(&self.dir.join(name))?;
        let keys = self.signer.key.public().clone().into();
        let opened = content.and_then(|content| Statement::open(&content, &keys).ok());
        Ok(opened.map(|opened| (opened.statement.time, opened.statement.said)))
    }

    async fn record(&self, now: Timestamp, due: &Due) -> Result<(), AuditError> {
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

const DAY_MILLIS: i64 = 86_400_000;

#[cfg(test)]
mod tests;
