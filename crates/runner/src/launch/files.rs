//! Which files a function reaches: Landlock.

use super::{LaunchError, Plan};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, Scope,
};
use std::path::{Path, PathBuf};

/// Denies every file but those of `plan`, signals to processes outside, abstract sockets of others,
/// and TCP ports of one's own. Returns the version of the interface that is in force, 0 for none.
pub(super) fn restrict(plan: &Plan) -> Result<i32, LaunchError> {
    let read = AccessFs::from_read(KNOWN);
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::BindTcp)?
        .scope(Scope::from_all(KNOWN))?
        .create()?;
    for path in &plan.readable {
        rules = allow(rules, path, read)?;
    }
    for path in SYSTEM_FILES.iter().map(Path::new) {
        rules = allow(rules, path, AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    for path in proc_files(plan.own_proc) {
        rules = allow(rules, &path, AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    let null = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate;
    rules = allow(rules, Path::new("/dev/null"), null)?;
    rules = allow(rules, &plan.writable, AccessFs::from_all(KNOWN))?;
    let status = rules.restrict_self()?;
    let has = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => version(effective_abi),
        _ => 0,
    };
    let needs = plan.least_landlock;
    if has < needs {
        return Err(LaunchError::LandlockTooOld { has, needs });
    }
    Ok(has)
}

/// What does not exist needs no rule.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, LaunchError> {
    let Ok(opened) = PathFd::new(path) else {
        return Ok(rules);
    };
    let access = if path.is_dir() {
        access
    } else {
        access & AccessFs::from_file(KNOWN)
    };
    Ok(rules.add_rule(PathBeneath::new(opened, access))?)
}

/// SECURITY: in a `/proc` that shows all processes of the host, a function sees its own directory
/// and what says something about the machine, not the command lines of others.
fn proc_files(own_proc: bool) -> Vec<PathBuf> {
    if own_proc {
        return vec![PathBuf::from("/proc")];
    }
    let itself = format!("/proc/{}", std::process::id());
    std::iter::once(PathBuf::from(itself))
        .chain(PROC_FILES.iter().map(PathBuf::from))
        .collect()
}

fn version(abi: ABI) -> i32 {
    // `ABI` is numbered as the kernel numbers it.
    abi as i32
}

/// The newest interface whose rules were reviewed for this list.
const KNOWN: ABI = ABI::V6;

/// What libraries read of the system, besides the directories in the plan.
pub(crate) const SYSTEM_FILES: [&str; 28] = [
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/debian_version",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/timezone",
    "/sys/devices/system/cpu",
    "/sys/kernel/mm/transparent_hugepage",
];

const PROC_FILES: [&str; 8] = [
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys",
    "/proc/uptime",
    "/proc/version",
];
