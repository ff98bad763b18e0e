//! The nodes of a deployment: who they are, which of them live, and what each is known to know.
//!
//! Rules kept here:
//! - A node is what is in its data directory, and one process at a time is it. A start that finds the
//!   record of its node still changing is refused: somebody copied the data directory. A process that
//!   finds that another one has become its node is to end.
//! - Whether a node lives is told by its record changing while one looks, and by no clock: a node lives
//!   until it has been seen not to change for some time. So clocks that differ, step or sleep make
//!   nobody live or dead; and who has just started takes every node for living that did not leave.
//! - What a node says that it knows, it knows until its process ends.

mod registry;

pub(crate) use registry::{Known, NodeRow};

use crate::files::{self, FileError};
use base::{Clock, Entropy, random_uuid};
use parking_lot::Mutex;
use registry::{Entry, LEFT, Registry, UP};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::{Database, StoreError};
use tokio::time::{Instant, sleep};

/// Which node of its deployment a data directory is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    version: u16,
    id: String,
    name: String,
}

/// Why a process cannot be a node, or cannot be it any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NodeError {
    /// The file that says which node it is.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is none of ours.
    #[error(
        "`{}` does not say which node this is: put it back, or remove it to make this data directory \
         a new node", .0.display()
    )]
    UnknownFile(PathBuf),
    /// Another process is the same node.
    #[error(
        "another process is at work as this node, `{0}`: a data directory belongs to one node. To make \
         a copy a node of its own, remove `node.json` from it"
    )]
    AtWork(String),
    /// Another node has the name.
    #[error("another node has the name `{0}`: give each node a name of its own")]
    NameTaken(String),
    /// Another process became this node, or an operator removed it.
    #[error("this process is not the node `{0}` any more: another one took its place")]
    Displaced(String),
    /// The list of nodes.
    #[error("cannot read or write the list of nodes")]
    Store(#[from] StoreError),
    /// The list of nodes is none.
    #[error("the list of nodes in the store cannot be read by this version")]
    UnknownForm,
}

impl Identity {
    /// That of the data directory in which `path` is its file, which is made if there is none. It is
    /// called `name`, or else as the host.
    pub(crate) fn of(
        path: &Path,
        name: Option<&str>,
        entropy: &dyn Entropy,
    ) -> Result<Self, NodeError> {
        let stored = match files::is_there(path)? {
            true => Some(Self::read(path)?),
            false => None,
        };
        let wanted = Self {
            version: VERSION,
            id: match &stored {
                Some(stored) => stored.id.clone(),
                None => random_uuid(entropy),
            },
            name: name.map_or_else(host_name, str::to_owned),
        };
        if stored.as_ref() != Some(&wanted) {
            let mut line = serde_json::to_vec(&wanted).map_err(|_| NodeError::UnknownForm)?;
            line.push(b'\n');
            files::write(path, 0o600, &line)?;
        }
        Ok(wanted)
    }

    /// Its id, which it keeps.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The name of another node that has not left, if there is one.
    pub(crate) async fn other_at_work(
        &self,
        database: &Database,
    ) -> Result<Option<String>, NodeError> {
        let (_, registry) = Registry::load(database).await?;
        Ok(registry.other_at_work(&self.id))
    }

    fn read(path: &Path) -> Result<Self, NodeError> {
        let content = std::fs::read(path).map_err(FileError::io("read", path))?;
        let read = serde_json::from_slice::<Self>(&content).ok();
        read.filter(|read| read.version == VERSION)
            .ok_or_else(|| NodeError::UnknownFile(path.to_owned()))
    }
}

/// How fast time goes for nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Between two changes of a node's record.
    pub(crate) beat: Duration,
    /// After so many beats without a change a node is taken for dead.
    pub(crate) dead_after: u32,
    /// For so many beats a start looks whether another process is its node.
    pub(crate) looked_at_for: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            beat: Duration::from_secs(1),
            dead_after: 10,
            looked_at_for: 4,
        }
    }
}

/// This process as a node beside others.
pub(crate) struct Node {
    identity: Identity,
    /// Of this process: no other one ever has it.
    run: String,
    epoch: u64,
    database: Database,
    clock: Arc<dyn Clock>,
    pace: Pace,
    watch: Mutex<Watch>,
}

/// What was seen of the list of nodes.
#[derive(Default)]
struct Watch {
    nodes: Vec<Entry>,
    /// By run: the last change, and when it was seen.
    changed: HashMap<String, (u64, Instant)>,
}

/// Where nodes are to be found, and who they are.
pub(crate) struct Surroundings<'a> {
    /// The store that they share.
    pub(crate) database: &'a Database,
    /// The time, to be shown.
    pub(crate) clock: &'a Arc<dyn Clock>,
    /// Chance.
    pub(crate) entropy: &'a dyn Entropy,
    /// How fast time goes.
    pub(crate) pace: Pace,
}

impl Node {
    /// Becomes the node `identity`, which knows `known`. Takes some time when it did not leave before.
    pub(crate) async fn join(
        identity: Identity,
        known: Known,
        around: &Surroundings<'_>,
    ) -> Result<Self, NodeError> {
        let node = Self {
            run: random_uuid(around.entropy),
            epoch: 0,
            database: around.database.clone(),
            clock: Arc::clone(around.clock),
            pace: around.pace,
            watch: Mutex::default(),
            identity,
        };
        let mut still_for = 0;
        let mut before: Option<Vec<(String, u64)>> = None;
        for _ in 0..TRIES {
            let (stored, mut registry) = Registry::load(&node.database).await?;
            let rivals = node.rivals(&registry);
            let signs: Vec<_> = rivals
                .iter()
                .map(|rival| (rival.run.clone(), rival.beat))
                .collect();
            if !rivals.is_empty() {
                if before.as_ref().is_some_and(|before| *before != signs) {
                    return Err(node.refusal(&rivals));
                }
                before = Some(signs);
                if still_for < node.pace.looked_at_for {
                    still_for += 1;
                    sleep(node.pace.beat).await;
                    continue;
                }
            }
            let epoch = registry.epoch_of(&node.identity.id).saturating_add(1);
            registry.put(node.entry(epoch, 0, UP, known), &node.identity.name);
            match registry.store(&node.database, stored.as_deref()).await {
                Ok(()) => {
                    node.saw(registry);
                    return Ok(Self { epoch, ..node });
                }
                // Another node's beat came between.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Shows that this process lives, and what it knows. What the others know is seen as well.
    ///
    /// # Errors
    /// [`NodeError::Displaced`] is for good.
    pub(crate) async fn beat(&self, known: Known) -> Result<(), NodeError> {
        self.write(UP, known).await
    }

    /// Shows that this process ends in order: nobody waits for it any more.
    pub(crate) async fn leave(&self, known: Known) -> Result<(), NodeError> {
        self.write(LEFT, known).await
    }

    async fn write(&self, state: &str, known: Known) -> Result<(), NodeError> {
        for _ in 0..TRIES {
            let (stored, mut registry) = Registry::load(&self.database).await?;
            let own = registry.own(&self.identity.id, &self.run);
            let beat = own
                .ok_or_else(|| NodeError::Displaced(self.identity.name.clone()))?
                .beat;
            let next = beat.saturating_add(1);
            registry.put(
                self.entry(self.epoch, next, state, known),
                &self.identity.name,
            );
            match registry.store(&self.database, stored.as_deref()).await {
                Ok(()) => {
                    self.saw(registry);
                    return Ok(());
                }
                Err(StoreError::Conflict) => tokio::task::yield_now().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// The least that any other living node knows. `None`: there is no other one.
    pub(crate) fn others_know(&self) -> Option<Known> {
        let watch = self.watch.lock();
        let living = watch
            .nodes
            .iter()
            .filter(|one| one.id != self.identity.id && watch.is_living(one, self.pace));
        living.map(|one| one.known).reduce(Known::least)
    }

    /// Whether it is this one of all living nodes that does what one is enough for. Two may be at the
    /// same time, and for a while none.
    pub(crate) fn is_first(&self) -> bool {
        let watch = self.watch.lock();
        let mut others = watch.nodes.iter();
        !others.any(|one| one.id < self.identity.id && watch.is_living(one, self.pace))
    }

    /// Whether the process `run` of some node lives.
    pub(crate) fn is_living(&self, run: &str) -> bool {
        let watch = self.watch.lock();
        let mut nodes = watch.nodes.iter();
        run == self.run || nodes.any(|one| one.run == run && watch.is_living(one, self.pace))
    }

    /// The nodes as they were last seen.
    pub(crate) fn list(&self) -> Vec<NodeRow> {
        let watch = self.watch.lock();
        let row = |one: &Entry| NodeRow {
            is_living: watch.is_living(one, self.pace),
            is_own: one.run == self.run,
            ..NodeRow::of(one)
        };
        watch.nodes.iter().map(row).collect()
    }

    /// Of this process: no other one ever has it.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.identity.name
    }

    /// How often it was started.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How fast time goes.
    pub(crate) fn pace(&self) -> Pace {
        self.pace
    }

    /// Who would have to be dead for this process to be its node.
    fn rivals<'a>(&self, registry: &'a Registry) -> Vec<&'a Entry> {
        let Identity { id, name, .. } = &self.identity;
        let nodes = registry.nodes.iter();
        nodes
            .filter(|one| (one.id == *id || one.name == *name) && !one.has_left())
            .collect()
    }

    fn refusal(&self, rivals: &[&Entry]) -> NodeError {
        let name = self.identity.name.clone();
        if rivals.iter().any(|rival| rival.id == self.identity.id) {
            NodeError::AtWork(name)
        } else {
            NodeError::NameTaken(name)
        }
    }

    fn entry(&self, epoch: u64, beat: u64, state: &str, known: Known) -> Entry {
        Entry {
            id: self.identity.id.clone(),
            name: self.identity.name.clone(),
            run: self.run.clone(),
            epoch,
            beat,
            state: state.to_owned(),
            at: self.clock.now().as_millis(),
            program: String::from(env!("CARGO_PKG_VERSION")),
            known,
            more: serde_json::Map::new(),
        }
    }

    fn saw(&self, registry: Registry) {
        let now = Instant::now();
        let mut watch = self.watch.lock();
        let mut changed = HashMap::new();
        for one in &registry.nodes {
            let before = watch.changed.get(&one.run);
            let since = match before {
                Some((beat, since)) if *beat == one.beat => *since,
                _ => now,
            };
            changed.insert(one.run.clone(), (one.beat, since));
        }
        *watch = Watch {
            nodes: registry.nodes,
            changed,
        };
    }
}

impl Watch {
    fn is_living(&self, one: &Entry, pace: Pace) -> bool {
        let since = self.changed.get(&one.run).map(|(_, since)| since.elapsed());
        let still = since.unwrap_or_default();
        !one.has_left() && still < pace.beat.saturating_mul(pace.dead_after)
    }
}

fn host_name() -> String {
    let system = rustix::system::uname();
    system.nodename().to_string_lossy().into_owned()
}

const VERSION: u16 = 1;
/// More than other nodes can come between.
const TRIES: u32 = 64;

#[cfg(test)]
mod tests;
