//! Where a deployment is: a data directory, and the store if other nodes share it.

use super::Layout;
use seal::{EnvelopeFile, Envelopes, SealFailure};
use std::future::Future;
use std::sync::Arc;
use std::thread;
use store::{Database, StoreError};
use tokio::runtime::Builder;

/// A data directory, and the store that its node shares with others.
#[derive(Clone)]
pub(crate) struct Place {
    /// Where things are in the data directory.
    pub(crate) layout: Layout,
    shared: Option<SharedStore>,
}

impl Place {
    /// A data directory that has its store in it.
    pub(crate) fn alone(layout: Layout) -> Self {
        Self {
            layout,
            shared: None,
        }
    }

    /// The data directory of one of several nodes over `database`.
    pub(crate) fn sharing(layout: Layout, database: Database) -> Self {
        Self {
            layout,
            shared: Some(SharedStore(database)),
        }
    }

    /// The store, if other nodes share it.
    pub(crate) fn shared(&self) -> Option<&SharedStore> {
        self.shared.as_ref()
    }

    /// Where the envelopes of the root keys are: in the store that nodes share, so that every node
    /// has the same ones, or else in `seal.json`.
    pub(crate) fn envelopes(&self) -> Arc<dyn Envelopes> {
        match &self.shared {
            Some(store) => Arc::new(store.clone()),
            None => EnvelopeFile::at(self.layout.seal()),
        }
    }
}

/// What of a store can be read and written before its root keys are here. Every call blocks.
#[derive(Clone)]
pub(crate) struct SharedStore(Database);

impl SharedStore {
    /// Whether a deployment was made in it. Envelopes are not looked at: they are written before
    /// anything else is.
    pub(crate) fn is_used(&self) -> Result<bool, SealFailure> {
        for name in [DEPLOYMENT, RING] {
            if self.meta(name)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The sealed key ring.
    pub(crate) fn ring(&self) -> Result<Option<Vec<u8>>, SealFailure> {
        self.meta(RING)
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, SealFailure> {
        wait(self.0.meta(name))?.map_err(|error| failed("read", error))
    }
}

impl Envelopes for SharedStore {
    fn read(&self) -> Result<Option<Vec<u8>>, SealFailure> {
        self.meta(SEAL)
    }

    fn replace(&self, expected: Option<&[u8]>, content: &[u8]) -> Result<(), SealFailure> {
        match wait(put(&self.0, SEAL, expected, content))? {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict) => Err(SealFailure::Changed),
            Err(error) => Err(failed("write", error)),
        }
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn unknown(&self, reason: String) -> SealFailure {
        SealFailure::UnknownStored(reason)
    }
}

/// Puts `value` as `name` in the place of `expected`. Whether an outcome that is not known was a
/// success is found out by looking.
///
/// # Errors
/// [`StoreError::Conflict`] when it was something else before. Any other error: it may be written, or
/// come to be later; who goes on with `expected` then conflicts.
pub(crate) async fn put(
    database: &Database,
    name: &str,
    expected: Option<&[u8]>,
    value: &[u8],
) -> Result<(), StoreError> {
    let error = match database.put_meta(name, expected, value).await {
        Err(error) if !error.surely_not_committed() => error,
        known => return known,
    };
    let now = database.meta(name).await?;
    if now.as_deref() == Some(value) {
        Ok(())
    } else if now.as_deref() == expected {
        Err(error)
    } else {
        Err(StoreError::Conflict)
    }
}

/// Waits for the store, wherever it is called: what asks a person or a token blocks as well, and is
/// called by a start that has no other thread, by commands, and by threads for such work.
fn wait<T: Send>(call: impl Future<Output = T> + Send) -> Result<T, SealFailure> {
    let failed = |source: std::io::Error| SealFailure::Store {
        action: "ask for",
        source: source.into(),
    };
    thread::scope(|scope| {
        let waiting = thread::Builder::new().spawn_scoped(scope, || {
            let runtime = Builder::new_current_thread().enable_time().build()?;
            Ok(runtime.block_on(call))
        });
        let ended = waiting.map_err(failed)?.join();
        ended
            .map_err(|_| failed(std::io::Error::other("the thread died")))?
            .map_err(failed)
    })
}

fn failed(action: &'static str, error: StoreError) -> SealFailure {
    SealFailure::Store {
        action,
        source: Box::new(error),
    }
}

/// The identity of the deployment.
pub(super) const DEPLOYMENT: &str = "deployment";
/// The key ring, sealed under a root key.
pub(super) const RING: &str = "key_ring";
/// The envelopes of the root keys, where nodes share the store.
pub(super) const SEAL: &str = "seal";
