//! What the process asks of the system before it holds a secret.

use crate::error::Error;
use base::Plaintext;
use rustix::fs::{MemfdFlags, Mode, SealFlags, fcntl_add_seals, memfd_create};
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask,
};
use seal::seals::SecretSource;
use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Secrets that were taken out of the environment, by the names of their variables.
#[derive(Clone, Default)]
pub(crate) struct Taken(HashMap<String, Arc<Plaintext>>);

impl Taken {
    /// Where the secret of the variable `name` is now.
    pub(crate) fn source(&self, name: &str) -> SecretSource {
        match self.0.get(name) {
            Some(secret) => SecretSource::Given(Arc::clone(secret)),
            None => SecretSource::File(PathBuf::from(format!("${name}"))),
        }
    }
}

/// Whether the command line is nothing but `subcommand`.
///
/// SECURITY: the launcher of functions is told apart by this, with nothing read and nothing set up.
pub(crate) fn is_started_as(subcommand: &str) -> bool {
    let mut arguments = env::args_os().skip(1);
    arguments.next().is_some_and(|one| one == subcommand) && arguments.next().is_none()
}

/// Takes the variables called `names` out of the environment.
///
/// SECURITY: the environment that a process was started with can be read in `/proc` as long as the
/// process lives, whatever it does to its own copy. So the secrets go into memory files, and the
/// program starts anew without the variables; the second start reads the files, empties them and
/// seals them. They stay open, since a number cannot be closed without `unsafe`, and whatever the
/// server starts inherits them: files that are empty and can never be written again.
#[expect(
    clippy::disallowed_methods,
    reason = "the operator chose the environment for this secret; the configuration names it"
)]
pub(crate) fn take_environment(names: &[&str]) -> Result<Taken, Error> {
    let mut taken = Taken::default();
    let mut again = Command::new("/proc/self/exe");
    let mut kept = Vec::new();
    for name in names {
        let pointer = format!("{POINTER}{name}");
        if let Some(value) = env::var_os(name) {
            let secret = Zeroizing::new(value.as_bytes().to_vec());
            let file = memory_file(&secret).map_err(Error::system("keep a secret in memory"))?;
            again
                .env_remove(name)
                .env(pointer, file.as_raw_fd().to_string());
            kept.push(file);
        } else if let Some(number) = number_in(env::var_os(&pointer)) {
            let secret = emptied(number).map_err(Error::system("read a secret in memory"))?;
            taken.0.insert((*name).to_owned(), Arc::new(secret));
        }
    }
    if kept.is_empty() {
        return Ok(taken);
    }
    again.arg0(env::args_os().next().unwrap_or_default());
    // Comes back only when it fails.
    let failed = again.args(env::args_os().skip(1)).exec();
    Err(Error::system(
        "start anew without secrets in the environment",
    )(failed))
}

fn number_in(text: Option<OsString>) -> Option<u32> {
    text?.to_str()?.parse().ok()
}

/// The content of the memory file that is open as `number`, which is empty for ever afterwards.
fn emptied(number: u32) -> io::Result<Plaintext> {
    let path = PathBuf::from(format!("/proc/self/fd/{number}"));
    let name = fs::read_link(&path)?;
    if !name.as_os_str().as_bytes().starts_with(MEMORY_FILE) {
        return Err(io::Error::other("it is no file of ours"));
    }
    let mut file = File::options().read(true).write(true).open(path)?;
    let mut content = Zeroizing::new(Vec::with_capacity(MOST_SECRET));
    (&mut file)
        .take(MOST_SECRET as u64)
        .read_to_end(&mut content)?;
    file.set_len(0)?;
    let for_ever = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    fcntl_add_seals(&file, for_ever)?;
    Ok(Plaintext::new(std::mem::take(&mut *content)))
}

/// Inherited by the next program, unlike other files.
fn memory_file(content: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memfd_create(
        "strongroom-secret",
        MemfdFlags::ALLOW_SEALING,
    )?);
    file.write_all(content)?;
    Ok(file.into())
}

/// Closes the ways in which memory or files could reach others.
///
/// SECURITY: called before the root key is read. No core dump is written and no other process of
/// the same user may attach; every file is made for its owner alone unless it says otherwise.
pub(crate) fn harden() -> Result<(), Error> {
    umask(Mode::from_bits_truncate(0o077));
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)
        .map_err(|error| Error::system("turn core dumps off")(error.into()))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|error| Error::system("keep other processes out of memory")(error.into()))
}

/// Keeps all memory of the process out of swap, if the system lets it do so without limit.
///
/// A limit that is reached later on would end the server, so with one nothing is locked.
pub(crate) fn lock_memory() {
    let all = Rlimit {
        current: None,
        maximum: None,
    };
    let locked = setrlimit(Resource::Memlock, all).and_then(|()| {
        mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)
    });
    if let Err(error) = locked {
        tracing::warn!(
            %error,
            "cannot lock all memory: let the server lock as much as it likes (`LimitMEMLOCK=infinity`)"
        );
    }
}

/// Raises the number of files that the process may open to what it is allowed, and returns it.
/// `None` when there is no limit.
pub(crate) fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

/// The name that the system goes by on the network.
pub(crate) fn host_name() -> Option<String> {
    let system = rustix::system::uname();
    system.nodename().to_str().ok().map(str::to_owned)
}

const MEMORY_FILE: &[u8] = b"/memfd:strongroom-secret";
const MOST_SECRET: usize = 4096;
const POINTER: &str = "STRONGROOM_SECRET_IN_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_memory_is_read_once() {
        let file = memory_file(b"hunter2").unwrap();
        let number = u32::try_from(file.as_raw_fd()).unwrap();

        let read = emptied(number).unwrap();

        assert_eq!(read.expose(), b"hunter2");
        let path = format!("/proc/self/fd/{number}");
        assert_eq!(fs::read(path).unwrap(), b"");
        let mut inherited = File::from(file);
        let refused = inherited.write_all(b"message").err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert!(inherited.set_len(1).is_err());
    }

    #[test]
    fn only_a_file_of_ours_is_emptied() {
        let file = tempfile::tempfile().unwrap();
        let number = u32::try_from(file.as_raw_fd()).unwrap();

        assert!(emptied(number).is_err());
    }

    #[test]
    fn raising_twice_gives_the_same_limit() {
        let first = raise_open_files();

        assert_eq!(raise_open_files(), first);
    }

    #[test]
    fn a_machine_has_a_name() {
        assert!(host_name().is_some_and(|name| !name.is_empty()));
    }
}
