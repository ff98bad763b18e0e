//! One child process with all that comes from it.

use crate::tree;
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, pidfd_open,
    pidfd_send_signal, test_kill_process_group, waitid, waitpgid,
};
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

/// A child process, and the process group that it leads or is about to lead.
///
/// INVARIANT: it is reaped only in [`Process::end`] or on drop, after its group was killed. Until
/// then its number, which is also the group's, cannot become another's.
pub(crate) struct Process {
    child: Child,
    id: Pid,
    pidfd: Arc<OwnedFd>,
    ended: watch::Receiver<bool>,
    reaped: bool,
}

impl Process {
    /// Starts `command`.
    ///
    /// The kernel ends the child when the thread that called this ends, so it must be one that
    /// lasts: a worker of the runtime, not one of its blocking threads.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let id = Pid::from_child(&child);
        let pidfd = match pidfd_open(id, PidfdFlags::empty()) {
            Ok(pidfd) => Arc::new(pidfd),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error.into());
            }
        };
        let (tell, ended) = watch::channel(false);
        let awaited = Arc::clone(&pidfd);
        // Looks without reaping. Ends at the latest with the kill on drop.
        spawn_blocking(move || {
            let until_its_end = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let _ = retry_on_intr(|| waitid(WaitId::PidFd(awaited.as_fd()), until_its_end));
            let _ = tell.send(true);
        });
        Ok(Self {
            child,
            id,
            pidfd,
            ended,
            reaped: false,
        })
    }

    /// The child's number.
    pub(crate) fn id(&self) -> Pid {
        self.id
    }

    /// Waits until the child itself has ended. It stays unreaped.
    pub(crate) async fn exited(&self) {
        // Without a sender, the child was waited for as well.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Ends the child and its group, and waits until nothing of them is left but zombies.
    pub(crate) async fn end(mut self) -> io::Result<ExitStatus> {
        self.kill();
        self.exited().await;
        // What it started just before its end is in the group by now.
        self.kill();
        let status = self.child.wait()?;
        self.reaped = true;
        let (group, until) = (self.id, Instant::now() + MOST_DYING);
        let look = || spawn_blocking(move || group_lives(group));
        while look().await.unwrap_or(true) && Instant::now() < until {
            sleep(BETWEEN_LOOKS).await;
        }
        Ok(status)
    }

    fn kill(&self) {
        let _ = pidfd_send_signal(self.pidfd.as_fd(), Signal::KILL);
        let _ = kill_process_group(self.id, Signal::KILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.reaped {
            self.kill();
            let _ = self.child.wait();
            // What was killed with it needs a moment to be gone. This may hold its thread up, but
            // happens only when an invocation is given up.
            let mut looks = 0_u32;
            while looks < MOST_LOOKS && group_lives(self.id) {
                std::thread::sleep(BETWEEN_LOOKS);
                looks = looks.saturating_add(1);
            }
        }
    }
}

/// Whether a process of `group` runs. A zombie does not: it holds nothing any more, and its parent, the
/// first process of the host, may take its time to reap it.
fn group_lives(group: Pid) -> bool {
    // Orphans are ours to reap when the server is the first process of a container.
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
    test_kill_process_group(group) != Err(Errno::SRCH) && tree::runs(group)
}

const MOST_DYING: Duration = Duration::from_secs(2);
const MOST_LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::unix::process::CommandExt as _;
    use std::process::Stdio;

    /// Puts a process into the group that its argument names, which ends and is not reaped.
    const LEAVES_A_ZOMBIE: &str = "
import os, sys
child = os.fork()
if child == 0:
    os.setpgid(0, int(sys.argv[1]))
    os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
sys.stdout.write('!')
sys.stdout.flush()
sys.stdin.read()
";

    #[test]
    fn a_group_of_zombies_that_nobody_reaps_is_over() {
        let mut sleep = Command::new("sleep");
        let mut leader = sleep.arg("600").process_group(0).spawn().unwrap();
        let group = Pid::from_child(&leader);
        let mut holder = Command::new("python3")
            .args(["-c", LEAVES_A_ZOMBIE, &group.as_raw_pid().to_string()])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = holder.stdout.as_mut().unwrap().read_exact(&mut [0]);

        let before = group_lives(group);
        leader.kill().unwrap();
        leader.wait().unwrap();
        let after = group_lives(group);

        let has_a_zombie = test_kill_process_group(group).is_ok();
        holder.kill().unwrap();
        holder.wait().unwrap();
        said.unwrap();
        assert!(before && has_a_zombie);
        assert!(!after);
    }
}
