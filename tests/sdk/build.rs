//! Finds out whether this machine lets us mount a small file system for ourselves, which the tests
//! of a full disk need. Where it does not, they are ignored, and cargo says so.

use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(own_mounts)");
    if may_mount() {
        println!("cargo::rustc-cfg=own_mounts");
    } else {
        println!("cargo::warning=no mounts of our own here: the tests of a full disk are ignored");
    }
}

/// Tries it the way the tests do it: in a mount namespace, as a root of its own when we are none.
fn may_mount() -> bool {
    let script = "mount -t tmpfs -o size=1m tmpfs /tmp && command -v nsenter";
    let status = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
