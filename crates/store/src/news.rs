//! Who else in this process wants to know what changes, on this node or on another.

use crate::cache::Cache;
use crate::place::Place;
use crate::{Key, Kind};
use std::collections::HashMap;
use std::fmt;
use std::hash::RandomState;
use std::sync::Arc;
use tokio::sync::broadcast::{self, error::RecvError};

/// Something that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The record under a key was put in, replaced or removed.
    Record {
        /// The kind's name.
        kind: &'static str,
        /// The record's key.
        key: Key,
    },
    /// Any record may have been: some changes were missed.
    Anything,
}

/// What is changed from a moment on, for who keeps something in memory that is made of records.
///
/// Each change is told once it is visible to every later read on this node: at once if this node made
/// it, and within a second if another did.
pub struct Changes(broadcast::Receiver<Changed>);

impl Changes {
    /// The next change; `None`: there will be none any more.
    pub async fn next(&mut self) -> Option<Changed> {
        match self.0.recv().await {
            Ok(changed) => Some(changed),
            Err(RecvError::Lagged(_)) => Some(Changed::Anything),
            Err(RecvError::Closed) => None,
        }
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}

/// Tells of changes.
pub(crate) struct News(broadcast::Sender<Changed>);

impl Default for News {
    fn default() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }
}

impl News {
    pub(crate) fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    pub(crate) fn tell(&self, changed: Changed) {
        // An error is that nobody hears it.
        let _ = self.0.send(changed);
    }

    pub(crate) fn hear(&self) -> Changes {
        Changes(self.0.subscribe())
    }
}

/// Takes what other nodes changed out of the cache, and tells of it.
pub(crate) struct Desk {
    pub(crate) cache: Arc<Cache>,
    pub(crate) news: Arc<News>,
    pub(crate) kinds: HashMap<&'static str, &'static Kind>,
    pub(crate) seed: RandomState,
}

impl Desk {
    pub(crate) fn place(&self, kind: &'static Kind, key: &Key) -> Place {
        Place::new(&self.seed, kind, key)
    }
}

#[cfg(feature = "postgres")]
impl crate::engine::Watcher for Desk {
    fn changed(&self, kind: &str, key: &Key) {
        // A newer program may have kinds that this one does not know.
        let Some(kind) = self.kinds.get(kind) else {
            return;
        };
        if kind.cached {
            self.cache.invalidate(&self.place(kind, key));
        }
        self.news.tell(Changed::Record {
            kind: kind.name,
            key: key.clone(),
        });
    }

    fn anything(&self) {
        self.cache.invalidate_all();
        self.news.tell(Changed::Anything);
    }
}

/// So many changes may wait for one who hears them, before he is told that there were too many.
const CAPACITY: usize = 1_024;
