//! Which system calls a function may not make: seccomp.
//!
//! The list says what is denied, since a function's language decides what it needs. Denied is what
//! reaches other processes, changes the system or the view of it, outlives the function, or has a
//! history of holes and no use here.

use super::LaunchError;
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter, sock_filter,
};
use std::collections::BTreeMap;

/// Puts the filters in force, for good; with `keep_modes`, also against changes of the modes of
/// files. Where there are none for this kind of machine, or the kernel has none, that is an error if
/// they are `needed`, and `false` if not.
pub(super) fn restrict(needed: bool, keep_modes: bool) -> Result<bool, LaunchError> {
    match filters(keep_modes).and_then(|filters| apply(&filters)) {
        Ok(()) => Ok(true),
        Err(error) if needed => Err(LaunchError::Seccomp(error.to_string())),
        Err(_) => Ok(false),
    }
}

fn apply(filters: &[BpfProgram]) -> Result<(), seccompiler::Error> {
    filters.iter().try_for_each(|filter| apply_filter(filter))
}

fn filters(keep_modes: bool) -> Result<[BpfProgram; 2], seccompiler::Error> {
    let mut rules = refused()?;
    if keep_modes {
        rules.extend(always(OF_MODES));
        #[cfg(target_arch = "x86_64")]
        rules.extend(always(OF_MODES_X86));
    }
    let refused = filter(rules, EPERM)?;
    let missing = filter(always(MISSING), ENOSYS)?;
    Ok([refused, missing])
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn filter(rules: Rules, errno: u32) -> Result<BpfProgram, seccompiler::Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(errno),
        arch,
    )?;
    let program = BpfProgram::try_from(filter)?;
    Ok(without_second_numbers(program))
}

/// SECURITY: an x86-64 kernel may know a second set of numbers (x32) for the same calls, which a
/// list of numbers to deny would miss. So all of those are missing.
fn without_second_numbers(program: BpfProgram) -> BpfProgram {
    if !cfg!(target_arch = "x86_64") {
        return program;
    }
    let load_number = (0x20, 0, 0, 0);
    let is_second = (0x35, 0, 1, 0x4000_0000);
    let refuse = (0x06, 0, 0, 0x0005_0000 | ENOSYS);
    [load_number, is_second, refuse]
        .into_iter()
        .map(|(code, jt, jf, k)| sock_filter { code, jt, jf, k })
        .chain(program)
        .collect()
}

fn always(calls: &[c_long]) -> Rules {
    // No condition: every use matches.
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

fn refused() -> Result<Rules, seccompiler::Error> {
    let mut rules = always(REFUSED);
    #[cfg(target_arch = "x86_64")]
    rules.extend(always(REFUSED_X86));
    rules.insert(libc::SYS_clone, namespaces()?);
    rules.insert(libc::SYS_socket, sockets()?);
    // A pair of datagram sockets could be turned to the name of a third.
    let datagrams = [(1, Is::Masked(SOCK_TYPE, SOCK_DGRAM))];
    rules.insert(libc::SYS_socketpair, vec![all(&datagrams)?]);
    rules.insert(
        libc::SYS_ioctl,
        vec![
            all(&[(1, Is::Equal(TIOCSTI))])?,
            all(&[(1, Is::Equal(TIOCLINUX))])?,
        ],
    );
    let other_personality = [(0, Is::Not(0)), (0, Is::Not(0xffff_ffff))];
    rules.insert(libc::SYS_personality, vec![all(&other_personality)?]);
    // Another process as the first argument; 0 is the caller.
    for call in OF_OTHERS {
        rules.insert(*call, vec![all(&[(0, Is::Not(0))])?]);
    }
    for call in [libc::SYS_setpriority, libc::SYS_ioprio_set] {
        rules.insert(call, vec![all(&[(1, Is::Not(0))])?]);
    }
    Ok(rules)
}

/// `clone` makes threads and processes, but no namespaces.
fn namespaces() -> Result<Vec<SeccompRule>, seccompiler::Error> {
    NEW_NAMESPACES
        .iter()
        .map(|flag| all(&[(0, Is::Masked(*flag, *flag))]))
        .collect()
}

/// SECURITY: no sockets with names in the file system, since Landlock does not guard those: the
/// server's own admin socket trusts its user. Pairs of sockets stay.
fn sockets() -> Result<Vec<SeccompRule>, seccompiler::Error> {
    let families = [AF_INET, AF_INET6, AF_NETLINK].map(|family| (0, Is::Not(family)));
    let other_netlink = [(0, Is::Equal(AF_NETLINK)), (2, Is::Not(NETLINK_ROUTE))];
    Ok(vec![all(&families)?, all(&other_netlink)?])
}

#[derive(Clone, Copy)]
enum Is {
    Equal(u64),
    Not(u64),
    /// Equal to the second in the bits of the first.
    Masked(u64, u64),
}

/// A rule that matches when every condition on an argument does. The arguments in question have 32
/// bits, and the kernel looks at no more.
fn all(conditions: &[(u8, Is)]) -> Result<SeccompRule, seccompiler::Error> {
    let conditions: Result<Vec<_>, _> = conditions
        .iter()
        .map(|(argument, is)| {
            let (operator, value) = match *is {
                Is::Equal(value) => (SeccompCmpOp::Eq, value),
                Is::Not(value) => (SeccompCmpOp::Ne, value),
                Is::Masked(mask, value) => (SeccompCmpOp::MaskedEq(mask), value),
            };
            SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, operator, value)
        })
        .collect();
    Ok(SeccompRule::new(conditions?)?)
}

const EPERM: u32 = 1;
const ENOSYS: u32 = 38;
const AF_INET: u64 = 2;
const AF_INET6: u64 = 10;
const AF_NETLINK: u64 = 16;
const NETLINK_ROUTE: u64 = 0;
const SOCK_TYPE: u64 = 0xf;
const SOCK_DGRAM: u64 = 2;
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541c;

/// Mounts, control groups, host name, IPC, users, processes, network.
const NEW_NAMESPACES: &[u64] = &[
    0x0002_0000,
    0x0200_0000,
    0x0400_0000,
    0x0800_0000,
    0x1000_0000,
    0x2000_0000,
    0x4000_0000,
];

/// What a library tries and does without: `clone3` hides its flags from a filter, and a memory file
/// is counted by nobody.
const MISSING: &[c_long] = &[
    libc::SYS_clone3,
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
];

const OF_OTHERS: &[c_long] = &[
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_prlimit64,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
];

const REFUSED: &[c_long] = &[
    // Leaving the session, in which all processes of the function are ended together.
    libc::SYS_setpgid,
    libc::SYS_setsid,
    // Other processes.
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    // The view of the system.
    libc::SYS_chroot,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_pivot_root,
    libc::SYS_setns,
    libc::SYS_umount2,
    libc::SYS_unshare,
    // The system itself.
    libc::SYS_acct,
    libc::SYS_adjtimex,
    libc::SYS_bpf,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    SYS_KEXEC_FILE_LOAD,
    libc::SYS_kexec_load,
    libc::SYS_perf_event_open,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    // Files by handle, past every path.
    libc::SYS_fanotify_init,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    // Attributes of files by path, which Landlock does not guard.
    libc::SYS_lremovexattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_setxattr,
    // Past these filters.
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_userfaultfd,
    // What outlives the function, or others could read.
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_mq_open,
    libc::SYS_msgget,
    libc::SYS_request_key,
    libc::SYS_semget,
    libc::SYS_shmget,
];

/// Not named by `libc` for every one of our targets.
const SYS_KEXEC_FILE_LOAD: c_long = if cfg!(target_arch = "x86_64") {
    320
} else {
    294
};

/// By path. What a function has open, it may change.
const OF_MODES: &[c_long] = &[libc::SYS_fchmodat, SYS_FCHMODAT2, libc::SYS_fchownat];

/// The same number on every kind of machine.
const SYS_FCHMODAT2: c_long = 452;

#[cfg(target_arch = "x86_64")]
const OF_MODES_X86: &[c_long] = &[libc::SYS_chmod, libc::SYS_chown, libc::SYS_lchown];

#[cfg(target_arch = "x86_64")]
const REFUSED_X86: &[c_long] = &[
    libc::SYS_ioperm,
    libc::SYS_iopl,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_fit_the_kernel() {
        for filter in filters(true).unwrap() {
            assert!(filter.len() < 4096, "{}", filter.len());
        }
    }

    #[test]
    fn no_call_is_both_refused_and_conditional() {
        let conditional = [libc::SYS_clone, libc::SYS_socket, libc::SYS_ioctl];

        for call in conditional.iter().chain(OF_OTHERS) {
            assert!(!REFUSED.contains(call) && !MISSING.contains(call), "{call}");
        }
    }
}
