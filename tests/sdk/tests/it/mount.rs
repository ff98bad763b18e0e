//! A small file system that only a server and its test see, so that filling it harms nobody.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A file system in memory, in a mount namespace of its own.
pub(crate) struct OwnMount {
    point: TempDir,
    /// Keeps the namespace until its standard input ends.
    holder: Child,
}

impl OwnMount {
    /// One of this size, as `mount` writes it.
    pub(crate) fn new(size: &str) -> Self {
        let point = tempfile::Builder::new()
            .prefix("sr-")
            .tempdir()
            .expect("a folder is made");
        let script =
            "mount -t tmpfs -o mode=700,size=\"$1\" tmpfs \"$2\" && echo mounted && exec cat";
        let mut holder = Command::new("unshare")
            .args(["--mount", "--map-root-user", "sh", "-c", script, "sh", size])
            .arg(point.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`unshare` can be run");
        let mut said = String::new();
        let stdout = holder.stdout.take().expect("standard output is a pipe");
        BufReader::new(stdout)
            .read_line(&mut said)
            .expect("it can be heard");
        assert_eq!(
            said, "mounted\n",
            "no file system of our own, though the build found we may"
        );
        Self { point, holder }
    }

    /// What starts a program where the file system is.
    pub(crate) fn wrapper(&self) -> Vec<String> {
        let target = self.holder.id().to_string();
        let words = [
            "nsenter",
            "--user",
            "--mount",
            "--preserve-credentials",
            "--target",
            &target,
        ];
        words.map(str::to_owned).to_vec()
    }

    /// Where it is for programs started so.
    pub(crate) fn inside(&self) -> &Path {
        self.point.path()
    }

    /// Where it is for the test.
    pub(crate) fn outside(&self) -> PathBuf {
        let inside = self
            .point
            .path()
            .strip_prefix("/")
            .expect("the path is absolute");
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(inside)
    }

    /// Takes all the room that is left. Gives the file whose removal gives it back.
    pub(crate) fn fill(&self) -> PathBuf {
        let path = self.outside().join("filler");
        let mut file = File::create(&path).expect("a file is made");
        while file.write(&[0; 4_096]).is_ok() {}
        path
    }
}

impl Drop for OwnMount {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
