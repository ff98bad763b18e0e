use super::LaunchError;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// What one process may use, as the kernel counts it. The runner counts for all processes of a
/// function together, and more finely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessLimits {
    pub(crate) open_files: u64,
    pub(crate) file_bytes: u64,
    pub(crate) cpu_seconds: u64,
    pub(crate) memory_bytes: u64,
    /// Of all that the user runs, on the whole host.
    pub(crate) processes: u64,
}

/// Puts the limits in force for this process and what comes after it.
pub(super) fn take(limits: &ProcessLimits) -> Result<(), LaunchError> {
    // Not the address space: runtimes reserve far more of it than they use.
    let all = [
        (Resource::Core, 0),
        (Resource::Nofile, limits.open_files),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Cpu, limits.cpu_seconds),
        (Resource::Data, limits.memory_bytes),
        (Resource::Nproc, limits.processes),
        (Resource::Memlock, 64 << 10),
        (Resource::Msgqueue, 0),
        (Resource::Rtprio, 0),
        (Resource::Sigpending, 1024),
    ];
    for (resource, most) in all {
        // A limit that is lower already stays.
        let most = getrlimit(resource)
            .maximum
            .map_or(most, |maximum| most.min(maximum));
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit).map_err(LaunchError::step("set a limit"))?;
    }
    Ok(())
}
