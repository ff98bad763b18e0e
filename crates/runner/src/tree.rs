//! What `/proc` says about a process and its descendants.

use rustix::process::Pid;
use std::collections::HashSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What a process and its descendants use together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Memory of their own, in bytes: files that they map are not counted.
    pub(crate) memory_bytes: u64,
    pub(crate) processes: usize,
}

/// Measures `root` and its descendants. Memory that they share with each other counts once, as far
/// as that decides about `most_memory`.
pub(crate) fn usage(root: Pid, most_memory: u64) -> Usage {
    let all = family(root);
    let mut memory_bytes = total(&all, "status", &["RssAnon:", "RssShmem:"]);
    if memory_bytes > most_memory {
        // Forked processes share pages, which the quick sum counts for each of them.
        let shared = total(&all, "smaps_rollup", &["Pss_Anon:", "Pss_Shmem:"]);
        if shared > 0 {
            memory_bytes = shared;
        }
    }
    Usage {
        memory_bytes,
        processes: all.len(),
    }
}

/// Whether a process of the group `group` runs, other than as a zombie. Where that cannot be seen, one
/// does.
pub(crate) fn runs(group: Pid) -> bool {
    let Ok(all) = fs::read_dir("/proc") else {
        return true;
    };
    let numbers = all
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let mut seen = false;
    for process in numbers {
        let stat = fs::read(of(process, "stat")).unwrap_or_default();
        match runs_in(&String::from_utf8_lossy(&stat), group.as_raw_pid()) {
            Some(true) => return true,
            Some(false) => seen = true,
            None => {}
        }
    }
    !seen
}

/// Whether the process with this line of state runs. `None` for one of another group.
fn runs_in(stat: &str, group: i32) -> Option<bool> {
    // The name before may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    let of_group: i32 = fields.nth(1)?.parse().ok()?;
    // Threads may outlive the first one, as which a process is shown.
    let threads: u32 = fields.nth(14)?.parse().ok()?;
    (of_group == group).then_some(!matches!(state, "Z" | "X") || threads > 1)
}

/// Whether `root` or a descendant holds the socket `inode`. `None` where the kernel does not tell.
pub(crate) fn holds_socket(root: Pid, inode: u64) -> Option<bool> {
    let wanted = PathBuf::from(format!("socket:[{inode}]"));
    let mut complete = true;
    for process in family(root) {
        let Ok(open) = fs::read_dir(of(process, "fd")) else {
            // It may just have ended, or belong to another user.
            complete &= !of(process, "fd").exists();
            continue;
        };
        let holds = |entry: fs::DirEntry| fs::read_link(entry.path()).is_ok_and(|to| to == wanted);
        if open.flatten().any(holds) {
            return Some(true);
        }
    }
    complete.then_some(false)
}

/// What files take up that `root` and its descendants have open, but that have no name any more.
pub(crate) fn deleted_bytes(root: Pid) -> u64 {
    let mut seen = HashSet::new();
    let mut total = 0_u64;
    for process in family(root) {
        let open = fs::read_dir(of(process, "fd")).into_iter().flatten();
        for entry in open.flatten() {
            let Ok(file) = fs::metadata(entry.path()) else {
                continue;
            };
            if file.is_file() && file.nlink() == 0 && seen.insert((file.dev(), file.ino())) {
                total = total.saturating_add(file.blocks().saturating_mul(512));
            }
        }
    }
    total
}

/// The owner and the inode of the socket of this host that is connected from `peer` to `local`.
pub(crate) fn peer_socket(local: SocketAddr, peer: SocketAddr) -> Option<(u32, u64)> {
    let (SocketAddr::V4(local), SocketAddr::V4(peer)) = (local, peer) else {
        return None;
    };
    socket_in(&fs::read_to_string("/proc/net/tcp").ok()?, peer, local)
}

/// Finds the line of the socket `from` → `to` in the kernel's table.
fn socket_in(table: &str, from: SocketAddrV4, to: SocketAddrV4) -> Option<(u32, u64)> {
    let (from, to) = (in_table(from), in_table(to));
    table.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        if fields.next() != Some(&from) || fields.next() != Some(&to) {
            return None;
        }
        // After state, queues, timers and retransmissions.
        let uid = fields.nth(4)?.parse().ok()?;
        let inode = fields.nth(1)?.parse().ok()?;
        Some((uid, inode))
    })
}

/// An address as the table shows it: the number in the machine's own order.
fn in_table(address: SocketAddrV4) -> String {
    let ip = u32::from_ne_bytes(Ipv4Addr::octets(address.ip()));
    format!("{ip:08X}:{:04X}", address.port())
}

/// `root` and its descendants. Orphans stay below `root`, which adopts them.
fn family(root: Pid) -> Vec<i32> {
    let mut found = vec![root.as_raw_pid()];
    let mut next = 0;
    while let Some(process) = found.get(next).copied() {
        if found.len() >= MOST_PROCESSES {
            break;
        }
        found.extend(children(process));
        next = next.saturating_add(1);
    }
    found
}

fn children(process: i32) -> Vec<i32> {
    let Ok(threads) = fs::read_dir(of(process, "task")) else {
        return Vec::new();
    };
    let lists = threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_ascii_whitespace()
                .filter_map(|child| child.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The sum of some lines, in bytes, of a file of each process.
fn total(processes: &[i32], file: &str, labels: &[&str]) -> u64 {
    processes
        .iter()
        .filter_map(|process| fs::read_to_string(of(*process, file)).ok())
        .map(|text| kibibytes(&text, labels))
        .fold(0, |sum, kib| sum.saturating_add(kib.saturating_mul(1024)))
}

fn kibibytes(text: &str, labels: &[&str]) -> u64 {
    text.lines()
        .filter_map(|line| labels.iter().find_map(|label| line.strip_prefix(label)))
        .filter_map(|rest| rest.split_ascii_whitespace().next()?.parse::<u64>().ok())
        .sum()
}

fn of(process: i32, file: &str) -> PathBuf {
    Path::new("/proc").join(process.to_string()).join(file)
}

const MOST_PROCESSES: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getpid;
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn this_process_uses_memory() {
        let usage = usage(getpid(), u64::MAX);

        assert!(usage.memory_bytes > 100 << 10, "{usage:?}");
        assert!(usage.processes >= 1, "{usage:?}");
    }

    #[test]
    fn shared_pages_are_looked_at_before_a_limit_is_passed() {
        assert!(usage(getpid(), 1).memory_bytes > 100 << 10);
    }

    #[test]
    fn a_connection_of_this_process_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let local = listener.local_addr().unwrap();
        let stream = TcpStream::connect(local).unwrap();

        let (uid, inode) = peer_socket(local, stream.local_addr().unwrap()).unwrap();

        assert_eq!(uid, rustix::process::geteuid().as_raw());
        assert_eq!(holds_socket(getpid(), inode), Some(true));
        assert_eq!(holds_socket(getpid(), 1), Some(false));
    }

    #[test]
    fn a_file_without_a_name_takes_up_space() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[1; 100_000]).unwrap();
        file.sync_all().unwrap();

        assert!(deleted_bytes(getpid()) >= 100_000);
    }

    #[test]
    fn a_zombie_runs_as_long_as_a_thread_of_it_does() {
        let line = |state: &str, threads: u32| {
            format!("12 (a) Z 1 7 (b) {state} 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 {threads} 0 99 0 0")
        };

        for (state, threads, runs) in [
            ("R", 1, true),
            ("D", 1, true),
            ("Z", 1, false),
            ("X", 0, false),
            ("Z", 2, true),
        ] {
            assert_eq!(runs_in(&line(state, threads), 7), Some(runs), "{state}");
            assert_eq!(runs_in(&line(state, threads), 8), None);
        }
        assert_eq!(runs_in("", 7), None);
    }

    #[test]
    fn the_group_of_this_process_runs() {
        assert!(runs(rustix::process::getpgrp()));
    }

    #[test]
    fn a_connection_of_nobody_is_not_found() {
        let local = "127.0.0.1:1".parse().unwrap();

        assert_eq!(peer_socket(local, local), None);
    }

    #[test]
    fn a_line_of_the_kernels_table_is_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            5: 0100007F:C350 0100007F:0050 01 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0 20 4 30 10 -1\n";
        let from = "127.0.0.1:50000".parse().unwrap();
        let to = "127.0.0.1:80".parse().unwrap();

        if cfg!(target_endian = "little") {
            assert_eq!(socket_in(table, from, to), Some((1000, 12345)));
        }
        assert_eq!(socket_in(table, to, from), None);
    }
}
