use super::unpack::unpack;
use super::{Code, CodeError};
use crate::scratch::{open_to, remove_tree};
use crate::settings::User;
use std::collections::HashMap;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// Unpacked code by the digest of its zip, so that the steps of a rotation unpack it once.
pub(crate) struct Cache {
    root: PathBuf,
    user: Option<User>,
    most_bytes: u64,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    entries: HashMap<[u8; 32], Arc<Unpacked>>,
    /// Digests, the least recently used first.
    order: Vec<[u8; 32]>,
    made: u64,
}

/// A directory with unpacked code. It stays as long as this is held.
pub(crate) struct Unpacked {
    path: PathBuf,
    bytes: u64,
}

impl Cache {
    /// A cache in `root`, an empty directory of its own, for functions that run as `user`; as the
    /// server's own if there is none.
    pub(crate) fn new(root: PathBuf, user: Option<User>, most_bytes: u64) -> Self {
        Self {
            root,
            user,
            most_bytes,
            held: Mutex::default(),
        }
    }

    /// The directory with what `code` unpacks to.
    pub(crate) async fn unpacked(&self, code: &Code) -> Result<Arc<Unpacked>, CodeError> {
        let mut held = self.held.lock().await;
        if let Some(known) = held.find(code.sha256) {
            return Ok(known);
        }
        // SECURITY: what is kept is kept under its own digest, whatever was said.
        let said = code.clone();
        let code = spawn_blocking(move || said.digested());
        let code = code.await.map_err(io::Error::other)?;
        let digest = code.sha256;
        if let Some(known) = held.find(digest) {
            return Ok(known);
        }
        held.made = held.made.saturating_add(1);
        let path = self.root.join(format!("{}", held.made));
        let user = self.user;
        let made = spawn_blocking(move || Unpacked::make(&code.zip, path, user));
        let made = made.await.map_err(io::Error::other)??;
        let unpacked = Arc::new(made);
        held.entries.insert(digest, Arc::clone(&unpacked));
        held.touch(digest);
        let unused = held.evict(self.most_bytes);
        drop(held);
        spawn_blocking(move || drop(unused));
        Ok(unpacked)
    }
}

impl Held {
    fn find(&mut self, digest: [u8; 32]) -> Option<Arc<Unpacked>> {
        let known = self.entries.get(&digest).map(Arc::clone);
        // What cleans directories up for the host may have taken it away.
        let known = known.filter(|known| known.path.is_dir())?;
        self.touch(digest);
        Some(known)
    }

    fn touch(&mut self, digest: [u8; 32]) {
        self.order.retain(|other| *other != digest);
        self.order.push(digest);
    }

    /// Takes out what was not used for the longest time, until the rest fits. What is in use stays.
    fn evict(&mut self, most_bytes: u64) -> Vec<Arc<Unpacked>> {
        let mut total: u64 = self.entries.values().map(|entry| entry.bytes).sum();
        let mut evicted = Vec::new();
        for digest in self.order.clone() {
            if total <= most_bytes {
                break;
            }
            let unused = self
                .entries
                .get(&digest)
                .is_some_and(|entry| Arc::strong_count(entry) == 1);
            if unused && let Some(entry) = self.entries.remove(&digest) {
                total = total.saturating_sub(entry.bytes);
                self.order.retain(|other| *other != digest);
                evicted.push(entry);
            }
        }
        evicted
    }
}

impl Unpacked {
    /// Unpacks `zip` into the new directory `path`; leaves nothing behind when that fails.
    fn make(zip: &[u8], path: PathBuf, user: Option<User>) -> Result<Self, CodeError> {
        let mut made = Self { path, bytes: 0 };
        DirBuilder::new().mode(0o700).create(&made.path)?;
        made.bytes = unpack(zip, &made.path)?;
        // Links may lead through the directory's own name.
        made.path = fs::canonicalize(&made.path)?;
        open_to(user, &made.path)?;
        Ok(made)
    }

    /// Where the code is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        if let Err(error) = remove_tree(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %self.path.display(), "cannot remove unpacked code");
        }
    }
}

#[cfg(test)]
mod tests;
