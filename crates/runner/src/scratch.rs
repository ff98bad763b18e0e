//! The directories of the runner: one for unpacked code, one for each invocation, one for our own
//! runtime clients.

use crate::error::RunError;
use crate::settings::User;
use base::Entropy;
use data_encoding::HEXLOWER;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown,
};
use std::path::{Path, PathBuf};

/// The directory of one runner.
pub(crate) struct Scratch {
    root: PathBuf,
    user: Option<User>,
    /// Keeps another runner out as long as it is open.
    _lock: File,
}

impl Scratch {
    /// Takes `root` for this runner alone and empties it. When functions run as another user, they
    /// may pass through, but not look around.
    pub(crate) fn open(root: &Path, user: Option<User>) -> Result<Self, RunError> {
        Self::prepare(root, user).map_err(RunError::system("prepare the scratch directory"))
    }

    fn prepare(root: &Path, user: Option<User>) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        let root = fs::canonicalize(root)?;
        let found = fs::symlink_metadata(&root)?;
        let own = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
        if !own {
            return Err(io::Error::other(
                "it is not a directory of the server's user",
            ));
        }
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW)
            .open(root.join(LOCK))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| io::Error::other("another runner uses it"))?;
        // SECURITY: others may pass through to what they know the name of; nobody else lists it.
        let passable = Permissions::from_mode(if user.is_some() { 0o711 } else { 0o700 });
        fs::set_permissions(&root, passable.clone())?;
        for part in [CODE, HOMES, CLIENTS] {
            let part = root.join(part);
            if fs::symlink_metadata(&part).is_ok() {
                remove_tree(&part)?;
            }
            DirBuilder::new().mode(0o700).create(&part)?;
            fs::set_permissions(&part, passable.clone())?;
        }
        Ok(Self {
            root,
            user,
            _lock: lock,
        })
    }

    /// Where code is unpacked.
    pub(crate) fn code(&self) -> PathBuf {
        self.root.join(CODE)
    }

    /// Where our own runtime clients are.
    pub(crate) fn clients(&self) -> PathBuf {
        self.root.join(CLIENTS)
    }

    /// Writes a file that every function may read.
    pub(crate) fn add_client(&self, name: &str, content: &str) -> Result<(), RunError> {
        let path = self.clients().join(name);
        fs::write(&path, content)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o644)))
            .map_err(RunError::system("write a runtime client"))
    }

    /// A new private directory for one invocation.
    pub(crate) fn home(&self, entropy: &dyn Entropy) -> Result<Home, RunError> {
        let mut name = [0; 16];
        entropy.fill(&mut name);
        let path = self.root.join(HOMES).join(HEXLOWER.encode(&name));
        let home = Home { path };
        DirBuilder::new()
            .mode(0o700)
            .create(&home.path)
            .and_then(|()| given(&home.path, self.user))
            .map_err(RunError::system("make a function's directory"))?;
        Ok(home)
    }
}

/// The private directory of an invocation. It is removed when this is dropped.
pub(crate) struct Home {
    path: PathBuf,
}

impl Home {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file for the function to read.
    pub(crate) fn add(&self, name: &str, content: &[u8]) -> Result<PathBuf, RunError> {
        let path = self.path.join(name);
        let write = || {
            let mut file = File::options()
                .write(true)
                .create_new(true)
                .mode(0o644)
                .open(&path)?;
            file.write_all(content)?;
            file.set_permissions(Permissions::from_mode(0o644))
        };
        write().map_err(RunError::system("write a file for a function"))?;
        Ok(path)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = remove_tree(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "cannot remove a function's directory");
        }
    }
}

/// Lets functions read what lies below `root`, whatever the server's own mask is: those of `user` by
/// its group, those of the server's user by being its.
///
/// SECURITY: code may hold what is nobody else's, so no other user of the host reads it, and the
/// functions' user owns nothing of it.
pub(crate) fn open_to(user: Option<User>, root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            open_to(user, &entry.path())?;
        } else if kind.is_file() {
            let executable = entry.metadata()?.mode() & 0o100 != 0;
            open_one(user, &entry.path(), executable)?;
        }
    }
    open_one(user, root, true)
}

fn open_one(user: Option<User>, path: &Path, enter: bool) -> io::Result<()> {
    if let Some(user) = user {
        chown(path, None, Some(user.gid))?;
    }
    let mode = match (user.is_some(), enter) {
        (true, true) => 0o750,
        (true, false) => 0o640,
        (false, true) => 0o700,
        (false, false) => 0o600,
    };
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Removes `root` and what is in it, also what its owner may not open. Follows no link.
pub(crate) fn remove_tree(root: &Path) -> io::Result<()> {
    if fs::remove_dir_all(root).is_ok() {
        return Ok(());
    }
    unlock(root)?;
    fs::remove_dir_all(root)
}

/// Gives the owner back the right to empty the directories below `root`.
fn unlock(root: &Path) -> io::Result<()> {
    fs::set_permissions(root, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            unlock(&entry.path())?;
        }
    }
    Ok(())
}

fn given(path: &Path, user: Option<User>) -> io::Result<()> {
    match user {
        Some(User { uid, gid }) => chown(path, Some(uid), Some(gid)),
        None => Ok(()),
    }
}

const LOCK: &str = "lock";
const CODE: &str = "code";
const HOMES: &str = "run";
const CLIENTS: &str = "clients";

#[cfg(test)]
mod tests;
