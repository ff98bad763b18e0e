//! What the process asks of the system before it holds a secret.

mod parcel;

use crate::error::Error;
use base::Plaintext;
use parcel::Parcel;
use rustix::fs::Mode;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask,
};
use rustix::stdio::dup2_stdin;
use seal::seals::SecretSource;
use std::collections::HashMap;
use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Secrets that were taken out of the environment, by the names of their variables.
#[derive(Clone, Default)]
pub(crate) struct Taken(HashMap<String, Arc<Plaintext>>);

impl Taken {
    /// The secret of the variable `name`, if there was one.
    pub(crate) fn secret(&self, name: &str) -> Option<Arc<Plaintext>> {
        self.0.get(name).map(Arc::clone)
    }

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
/// process lives, whatever it does to its own copy. So the program starts anew without the
/// variables, and what was in them comes to the second start over a socket ([`parcel`]).
#[expect(
    clippy::disallowed_methods,
    reason = "the operator chose the environment for this secret; the configuration names it"
)]
pub(crate) fn take_environment(names: &[&str]) -> Result<Taken, Error> {
    let found: Vec<(&str, Plaintext)> = names
        .iter()
        .filter_map(|name| {
            let value = Zeroizing::new(env::var_os(name)?.into_encoded_bytes());
            Some((*name, Plaintext::new(value.to_vec())))
        })
        .collect();
    if found.is_empty() {
        return match env::var_os(MARK) {
            Some(_) if !names.is_empty() => {
                unpacked().map_err(Error::system("take secrets over from the first start"))
            }
            _ => Ok(Taken::default()),
        };
    }
    let socket = parcel::sent(&found, io::stdin());
    let socket = socket.map_err(Error::system("pass secrets on to a second start"))?;
    let mut again = Command::new("/proc/self/exe");
    for (name, _) in &found {
        again.env_remove(name);
    }
    again
        .env(MARK, "stdin")
        .stdin(socket)
        .arg0(env::args_os().next().unwrap_or_default())
        .args(env::args_os().skip(1));
    // Comes back only when it fails.
    Err(Error::system(
        "start anew without secrets in the environment",
    )(again.exec()))
}

/// What the first start passed on. Standard input is then what it was for that one.
fn unpacked() -> io::Result<Taken> {
    let Parcel { secrets, input } = parcel::received(io::stdin())?;
    dup2_stdin(input)?;
    let secrets = secrets.into_iter();
    Ok(Taken(
        secrets
            .map(|(name, secret)| (name, Arc::new(secret)))
            .collect(),
    ))
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

/// Tells the second start that there was a first one.
const MARK: &str = "STRONGROOM_SECRETS_ON";

#[cfg(test)]
mod tests {
    use super::*;

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
