//! Whether the server lives, and whether it should be sent requests.

use crate::audit::FileSink;
use std::sync::{Arc, OnceLock};
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

/// What readiness depends on. Clones look at the same.
#[derive(Clone)]
pub(crate) struct Health {
    phase: watch::Receiver<Phase>,
    /// `None` as long as the server is sealed.
    open: Arc<OnceLock<Open>>,
}

struct Open {
    store: Store,
    audit: Arc<FileSink>,
}

impl Health {
    /// Looks at `phase` whenever it is asked. Not ready before [`Health::open`].
    pub(crate) fn new(phase: watch::Receiver<Phase>) -> Self {
        Self {
            phase,
            open: Arc::default(),
        }
    }

    /// Looks at `store` and `audit` too from now on.
    pub(crate) fn open(&self, store: Store, audit: Arc<FileSink>) {
        // A server is opened once.
        let _ = self.open.set(Open { store, audit });
    }

    /// Whether a request sent now can be expected to be answered.
    pub(crate) fn is_ready(&self) -> bool {
        let Some(open) = self.open.get() else {
            return false;
        };
        *self.phase.borrow() == Phase::Serving && !open.store.failed() && open.audit.is_taking()
    }
}
