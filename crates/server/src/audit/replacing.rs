//! `strongroom audit rotate-key`: another key signs the log from now on.
//!
//! Rules kept here, so that a server may die anywhere: the new key is stored before the log names it; the log
//! names it before anything is signed with it; the store and `public-key.pem` have it after that, or the next
//! start does that ([`KeyStore::load`]).

use super::FileSink;
use super::key::{KeyStore, KeyStoreError};
use super::recovery::write_key;
use super::signer::Signer;
use crate::files::FileError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Replaces the key of a log that is written to.
pub(crate) struct KeyReplacement {
    keys: KeyStore,
    signer: Arc<Signer>,
    sink: Arc<FileSink>,
    /// One at a time.
    turn: Mutex<()>,
}

/// What became of it.
#[derive(Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Replaced {
    /// The key that signs now.
    pub(crate) key_id: String,
    /// The key that it replaced.
    pub(crate) replaced_key_id: String,
    /// The first event that it stands for.
    pub(crate) first_sequence: u64,
}

/// Why the key was not replaced.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplacementError {
    /// The store.
    #[error(transparent)]
    Store(#[from] KeyStoreError),
    /// The public key's file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Files were not written to the end.
    #[error("cannot write the public key")]
    Unfinished(#[from] tokio::task::JoinError),
    /// Another key is on its way.
    #[error("another key is on its way, and signs as soon as the audit log can be signed")]
    UnderWay,
    /// The log cannot be closed.
    #[error("the audit log could not be closed, and its key was not replaced")]
    NotClosed,
    /// The disk may be full.
    #[error(
        "the audit log cannot be signed now. It is tried again every second; `strongroom audit \
         public-key` tells when the key was replaced"
    )]
    Late,
}

impl KeyReplacement {
    /// Of the log that `sink` writes and `signer` signs.
    pub(crate) fn new(keys: KeyStore, signer: Arc<Signer>, sink: Arc<FileSink>) -> Self {
        Self {
            keys,
            signer,
            sink,
            turn: Mutex::new(()),
        }
    }

    /// Makes a new key, and has it sign the log.
    pub(crate) async fn replace(&self) -> Result<Replaced, ReplacementError> {
        let _turn = self.turn.lock().await;
        if self.sink.is_replacing_key() {
            return Err(ReplacementError::UnderWay);
        }
        // One that came too late for who asked for it.
        self.settle().await?;
        let replaced = self.signer.public();
        let next = self.keys.prepare().await?;
        let told = self.sink.replace_key(Arc::clone(&next));
        let first = match timeout(PATIENCE, told).await {
            Ok(Ok(first)) => first,
            Ok(Err(_)) => return Err(ReplacementError::NotClosed),
            Err(_) => return Err(ReplacementError::Late),
        };
        self.settle().await?;
        Ok(Replaced {
            key_id: next.public().id().to_string(),
            replaced_key_id: replaced.id().to_string(),
            first_sequence: first,
        })
    }

    /// Has the store and the file know of the key that signs.
    async fn settle(&self) -> Result<(), ReplacementError> {
        let (public, since) = (self.signer.public(), self.signer.since());
        let Some(first) = since else {
            return Ok(());
        };
        if !self.keys.is_prepared(&public).await? {
            return Ok(());
        }
        let dir = self.keys.dir.clone();
        tokio::task::spawn_blocking(move || write_key(&dir, &public)).await??;
        Ok(self.keys.promote(first).await?)
    }
}

/// How long an operator waits for the log to be signed. It is once a second.
const PATIENCE: Duration = Duration::from_secs(15);
