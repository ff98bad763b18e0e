//! How far a sink is, in a file of its own.

use crate::audit::stream::LogStream;
use crate::config::{self, Begin};
use crate::files::{self, FileError};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use services::ports::EventStream as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How far a sink is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Cursor {
    /// The number of the last event that it has, or that is not for it.
    pub(super) after: u64,
    /// The last number of what is being sent, where sending the same again has to be the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) through: Option<u64>,
}

impl Cursor {
    /// This one, if the log goes as far; else that of a sink that has nothing: the log was put back, so the
    /// numbers that are behind it will be those of other events.
    fn within(self, newest: u64, sink: &str) -> Self {
        let furthest = self.through.unwrap_or_default().max(self.after);
        if furthest <= newest {
            return self;
        }
        tracing::warn!(
            sink,
            has = furthest,
            newest,
            "the audit log was put back behind what a sink has, so it gets everything"
        );
        Self::default()
    }
}

/// The file.
#[derive(Clone)]
pub(super) struct CursorFile {
    path: PathBuf,
    /// Held while the file is put in place, also by who was told to stop.
    keeping: Arc<Mutex<()>>,
}

impl CursorFile {
    /// The file of `sink` in `dir`, and how far it is. A new one begins as the operator chose.
    pub(super) fn open(
        dir: &Path,
        sink: &config::Sink,
        stream: &LogStream,
    ) -> Result<(Self, Cursor), FileError> {
        let file = Self {
            path: dir.join(format!("{}.json", sink.name)),
            keeping: Arc::default(),
        };
        let found = files::read_if_there(&file.path)?;
        let cursor = match (found, sink.begin) {
            (Some(content), _) => file.read(&content).within(stream.newest(), &sink.name),
            (None, Begin::Oldest) => Cursor::default(),
            (None, Begin::Next) => {
                let after = stream.newest();
                let cursor = Cursor {
                    after,
                    through: None,
                };
                // INVARIANT: kept at once, so that the next start does not go past what comes until then.
                file.keep(cursor)?;
                cursor
            }
        };
        Ok((file, cursor))
    }

    /// Keeps `cursor`, so that it survives a loss of power.
    pub(super) fn keep(&self, cursor: Cursor) -> Result<(), FileError> {
        let _keeping = self.keeping.lock();
        let content = serde_json::to_vec(&cursor).unwrap_or_default();
        files::write(&self.path, 0o600, &content)
    }

    /// One that cannot be read begins anew: rather everything twice than something never.
    fn read(&self, content: &[u8]) -> Cursor {
        serde_json::from_slice(content).unwrap_or_else(|_| {
            let file = self.path.display().to_string();
            tracing::warn!(
                file,
                "what a sink has got cannot be read, so it gets everything"
            );
            Cursor::default()
        })
    }
}
