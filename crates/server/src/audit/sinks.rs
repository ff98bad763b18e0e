//! Sinks: where the audit log is sent on to.
//!
//! Rules kept here:
//! - INVARIANT: what a sink has confirmed is on disk (its cursor) before what follows is sent, and the
//!   cursor never goes past what it confirmed. So it gets each event at least once and in order,
//!   whatever fails meanwhile; after a failure it may get some again;
//! - no request waits for a sink, and no sink for another. The log's own files have taken the event
//!   before the answer left (`docs/adr/0015`);
//! - an event goes out only once a loss of power leaves it in the log;
//! - what a sink refuses is tried again, ever more slowly, and never dropped;
//! - the server's own log tells when a sink begins to fail and when it takes events again, not every
//!   try.

mod archive;
mod batch;
mod collector;
mod cursor;
mod runner;
mod sending;
mod state;
mod syslog;

pub(crate) use state::SinkState;

use super::stream::LogStream;
use crate::config;
use crate::files::{self, FileError};
use crate::process::Taken;
use crate::tasks::side_by_side;
use base::{Clock, Entropy};
use cursor::CursorFile;
use runner::{Pauses, Runner};
use sending::Sender;
use std::path::Path;
use std::sync::Arc;

/// Where the audit log is sent on to.
#[derive(Default)]
pub(crate) struct Sinks {
    all: Vec<Runner>,
}

/// What all sinks have in common.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// The log.
    pub(crate) stream: Arc<LogStream>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Chance, for pauses.
    pub(crate) entropy: Arc<dyn Entropy>,
}

/// Why sinks could not be made ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SinksError {
    /// The files with what they have.
    #[error(transparent)]
    File(#[from] FileError),
    /// A variable that is not there.
    #[error("the sink `{sink}` needs the environment variable `{variable}`")]
    Variable {
        /// Whose.
        sink: String,
        /// Its name.
        variable: String,
    },
}

impl Sinks {
    /// Makes `wanted` ready, whose cursors are in `dir`.
    pub(crate) fn open(
        wanted: &[config::Sink],
        dir: &Path,
        taken: &Taken,
        around: &Surroundings,
    ) -> Result<Self, SinksError> {
        if !wanted.is_empty() {
            files::private_dir(dir)?;
        }
        let mut all = Vec::with_capacity(wanted.len());
        for sink in wanted {
            let sender = Sender::new(sink, taken, &around.clock)?;
            let cursor = CursorFile::open(dir, sink, &around.stream)?;
            let runner = Runner::new(sink, sender, cursor, around.clone(), Pauses::USUAL);
            all.push(runner);
        }
        Ok(Self { all })
    }

    /// Sends what there is and what comes, until dropped.
    pub(crate) async fn run(&self) {
        side_by_side(self.all.iter().map(Runner::run)).await;
        // Also where there is none, it has no end.
        std::future::pending().await
    }

    /// Sends what there is, to each until it fails: the log has ended.
    pub(crate) async fn finish(&self) {
        side_by_side(self.all.iter().map(Runner::finish)).await;
    }

    /// How each of them stands.
    pub(crate) async fn states(&self) -> Vec<SinkState> {
        let mut states = Vec::with_capacity(self.all.len());
        for one in &self.all {
            states.push(one.state().await);
        }
        states
    }

    /// Says which of them have not got everything up to number `through`, which is about to be deleted.
    pub(crate) fn warn_before_deletion(&self, through: u64) {
        for (sink, after) in self.behind(through) {
            tracing::warn!(
                sink,
                sent_through = after,
                deleted_through = through,
                "events are deleted by age that a sink has not got"
            );
        }
    }

    /// Those that have not got everything up to number `through`, and what they have.
    fn behind(&self, through: u64) -> impl Iterator<Item = (&str, u64)> {
        let all = self.all.iter().map(|one| (one.name(), one.after()));
        all.filter(move |(_, after)| *after < through)
    }
}

#[cfg(test)]
mod tests;
