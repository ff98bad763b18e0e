//! Whether the server lives, and whether it should be sent requests.

use crate::audit::FileSink;
use std::sync::Arc;
use store::Store;
use tokio::sync::watch;

/// Where the server is on its way from start to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Connections are accepted and requests answered.
    Serving,
    /// No new connections; what is under way is finished.
    Draining,
    /// Whatever is still open is dropped.
    Stopping,
}

/// What readiness depends on.
#[derive(Clone)]
pub(crate) struct Health {
    phase: watch::Receiver<Phase>,
    store: Store,
    audit: Arc<FileSink>,
}

impl Health {
    /// Looks at `phase`, `store` and `audit` whenever it is asked.
    pub(crate) fn new(phase: watch::Receiver<Phase>, store: Store, audit: Arc<FileSink>) -> Self {
        Self {
            phase,
            store,
            audit,
        }
    }

    /// Whether a request sent now can be expected to be answered.
    pub(crate) fn is_ready(&self) -> bool {
        *self.phase.borrow() == Phase::Serving && !self.store.failed() && self.audit.is_taking()
    }
}
