//! Limits that the kernel does not keep for a whole function: memory, processes and disk.

use crate::execution::Outcome;
use crate::settings::Limits;
use crate::tree;
use rustix::process::Pid;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// Looks at what one function uses.
pub(crate) struct Watch {
    root: Pid,
    home: PathBuf,
    memory_bytes: u64,
    disk_bytes: u64,
    processes: usize,
    most_memory: AtomicU64,
}

impl Watch {
    /// Watches the process `root`, its descendants, and its directory `home`.
    pub(crate) fn new(root: Pid, home: &Path, memory_bytes: u64, limits: &Limits) -> Self {
        Self {
            root,
            home: home.to_owned(),
            memory_bytes,
            disk_bytes: limits.disk_bytes,
            processes: limits.processes,
            most_memory: AtomicU64::new(0),
        }
    }

    /// Resolves when the function uses more than it may.
    pub(crate) async fn exceeded(self: Arc<Self>) -> Outcome {
        let mut looks = 0_u32;
        loop {
            if let Some(outcome) = self.look().await {
                return outcome;
            }
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(LOOKS_PER_WALK) {
                let watch = Arc::clone(&self);
                let used = spawn_blocking(move || watch.disk()).await;
                if used.is_ok_and(|used| used > self.disk_bytes) {
                    return too_much(
                        "Sandbox.StorageExceeded",
                        &format!("more than {} bytes of storage", self.disk_bytes),
                    );
                }
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Looks once.
    pub(crate) async fn look(self: &Arc<Self>) -> Option<Outcome> {
        let watch = Arc::clone(self);
        let usage = spawn_blocking(move || tree::usage(watch.root, watch.memory_bytes));
        let usage = usage.await.ok()?;
        self.most_memory
            .fetch_max(usage.memory_bytes, Ordering::Relaxed);
        if usage.memory_bytes > self.memory_bytes {
            return Some(Outcome::OutOfMemory);
        }
        (usage.processes > self.processes).then(|| {
            let what = format!("more than {} processes", self.processes);
            too_much("Sandbox.TooManyProcesses", &what)
        })
    }

    /// The most memory that was seen.
    pub(crate) fn most_memory(&self) -> u64 {
        self.most_memory.load(Ordering::Relaxed)
    }

    fn disk(&self) -> u64 {
        let mut entries = MOST_ENTRIES;
        let named = occupied(&self.home, &mut entries).unwrap_or(u64::MAX);
        named.saturating_add(tree::deleted_bytes(self.root))
    }
}

/// What the files below `directory` take up. `None` if that cannot be told: a directory is closed,
/// or there are too many files.
fn occupied(directory: &Path, entries: &mut usize) -> Option<u64> {
    let listing = match fs::read_dir(directory) {
        Ok(listing) => listing,
        Err(error) => return gone(&error).then_some(0),
    };
    let mut total = 0_u64;
    for entry in listing.flatten() {
        *entries = entries.checked_sub(1)?;
        let Ok(found) = entry.metadata() else {
            continue;
        };
        total = total.saturating_add(found.blocks().saturating_mul(512));
        if found.is_dir() {
            total = total.saturating_add(occupied(&entry.path(), entries)?);
        }
    }
    Some(total)
}

fn gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn too_much(error_type: &str, what: &str) -> Outcome {
    Outcome::Failed {
        error_type: error_type.to_owned(),
        message: format!("the function used {what}"),
        trace: Vec::new(),
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
const LOOKS_PER_WALK: u32 = 4;
const MOST_ENTRIES: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn files_count_by_what_they_take_up() {
        let home = tempfile::tempdir().unwrap();
        let below = home.path().join("below");
        fs::create_dir(&below).unwrap();
        fs::write(below.join("file"), vec![1; 100_000]).unwrap();
        symlink("/usr", home.path().join("link")).unwrap();

        let used = occupied(home.path(), &mut 100).unwrap();

        assert!((100_000..1_000_000).contains(&used), "{used}");
    }

    #[test]
    fn what_cannot_be_counted_is_too_much() {
        let home = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        let closed = home.path().join("a");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();

        let few = occupied(home.path(), &mut 2);
        let enough = occupied(home.path(), &mut 3);

        assert_eq!(few, None);
        if !rustix::process::geteuid().is_root() {
            assert_eq!(enough, None);
        }
        assert_eq!(occupied(&home.path().join("gone"), &mut 3), Some(0));
    }
}
