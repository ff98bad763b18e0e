//! The list of nodes: one value of the store, of which each node writes its own part.
//!
//! COMPAT: nodes of several versions write it. What this one does not know of another node it leaves
//! as it is.

use super::NodeError;
use crate::boot::put;
use base::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Database, StoreError};

/// The nodes that there are, and those that were.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Registry {
    version: u16,
    pub(super) nodes: Vec<Entry>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// What a node says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) name: String,
    /// The process that is the node.
    pub(super) run: String,
    /// How many processes were it.
    pub(super) epoch: u64,
    /// Becomes another while the process lives.
    pub(super) beat: u64,
    /// [`UP`], [`LEFT`], or what only another version does.
    pub(super) state: String,
    /// When it said so, in milliseconds. To be shown, and for nothing else.
    pub(super) at: i64,
    pub(super) program: String,
    #[serde(flatten)]
    pub(super) known: Known,
    #[serde(flatten)]
    pub(super) more: Map<String, Value>,
}

/// Which keys a node opens with, and which it seals with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Known {
    /// The newest key of the ring that it has.
    pub(crate) ring_known: u32,
    /// The one that it seals with.
    pub(crate) ring_active: u32,
    /// The number of the newest root key that it has.
    pub(crate) roots_known: u32,
    /// Of the one that it seals with.
    pub(crate) roots_active: u32,
}

impl Known {
    /// What both know.
    pub(super) fn least(self, other: Self) -> Self {
        Self {
            ring_known: self.ring_known.min(other.ring_known),
            ring_active: self.ring_active.min(other.ring_active),
            roots_known: self.roots_known.min(other.roots_known),
            roots_active: self.roots_active.min(other.roots_active),
        }
    }
}

/// A node, as it is shown.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NodeRow {
    /// Its name.
    pub(crate) name: String,
    /// Its id.
    pub(crate) id: String,
    /// What it does, by its own word.
    pub(crate) state: String,
    /// Whether it was seen at work.
    pub(crate) is_living: bool,
    /// Whether it is the one that was asked.
    pub(crate) is_own: bool,
    /// How often it was started.
    pub(crate) epoch: u64,
    /// When it said so last, by its own clock, in ISO 8601.
    pub(crate) at: String,
    /// Its version of the program.
    pub(crate) program: String,
    /// Its keys.
    #[serde(flatten)]
    pub(crate) known: Known,
}

impl NodeRow {
    /// Whether its process ended in order.
    pub(crate) fn has_left(&self) -> bool {
        self.state == LEFT
    }

    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            name: entry.name.clone(),
            id: entry.id.clone(),
            state: entry.state.clone(),
            is_living: false,
            is_own: false,
            epoch: entry.epoch,
            at: Timestamp::from_millis(entry.at).to_iso(),
            program: entry.program.clone(),
            known: entry.known,
        }
    }
}

impl Entry {
    /// Whether its process ended in order.
    pub(super) fn has_left(&self) -> bool {
        self.state == LEFT
    }
}

impl Registry {
    /// What is stored, and as which bytes.
    pub(super) async fn load(database: &Database) -> Result<(Option<Vec<u8>>, Self), NodeError> {
        let Some(stored) = database.meta(NODES).await? else {
            let empty = Self {
                version: VERSION,
                ..Self::default()
            };
            return Ok((None, empty));
        };
        let read = serde_json::from_slice::<Self>(&stored).ok();
        let read = read.filter(|read| read.version == VERSION);
        Ok((Some(stored), read.ok_or(NodeError::UnknownForm)?))
    }

    /// Stores it in the place of `before`.
    pub(super) async fn store(
        &self,
        database: &Database,
        before: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let content = serde_json::to_vec(self);
        let content = content.map_err(|error| StoreError::Unavailable(error.into()))?;
        put(database, NODES, before, &content).await
    }

    /// How many processes were the node `id`.
    pub(super) fn epoch_of(&self, id: &str) -> u64 {
        let own = self.nodes.iter().find(|one| one.id == id);
        own.map_or(0, |own| own.epoch)
    }

    /// The node `id`, if it is the process `run`.
    pub(super) fn own(&self, id: &str, run: &str) -> Option<&Entry> {
        let mut nodes = self.nodes.iter();
        nodes.find(|one| one.id == id && one.run == run)
    }

    /// The name of a node other than `id` whose process did not end in order.
    pub(super) fn other_at_work(&self, id: &str) -> Option<String> {
        let mut nodes = self.nodes.iter();
        let other = nodes.find(|one| one.id != id && one.state != LEFT)?;
        Some(other.name.clone())
    }

    /// Puts `entry` in the place of the one before, and of a dead one that had its name.
    pub(super) fn put(&mut self, entry: Entry, name: &str) {
        self.nodes
            .retain(|one| one.id == entry.id || one.name != name);
        match self.nodes.iter_mut().find(|one| one.id == entry.id) {
            Some(own) => *own = entry,
            None => self.nodes.push(entry),
        }
    }
}

/// The state of a node that works.
pub(super) const UP: &str = "up";
/// Of one whose process ended in order.
pub(super) const LEFT: &str = "left";
const NODES: &str = "nodes";
const VERSION: u16 = 1;
