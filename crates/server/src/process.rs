//! What the process asks of the system before it holds a secret.

use crate::error::Error;
use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask,
};

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
