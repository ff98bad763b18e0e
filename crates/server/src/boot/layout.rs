use std::path::{Path, PathBuf};

/// Where things are in the data directory.
#[derive(Clone)]
pub(crate) struct Layout(PathBuf);

impl Layout {
    /// The layout of `dir`, whether or not there is anything yet.
    pub(crate) fn of(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    /// The directory itself.
    pub(crate) fn dir(&self) -> &Path {
        &self.0
    }

    /// The private CA and the server's certificate.
    pub(crate) fn tls(&self) -> PathBuf {
        self.0.join("tls")
    }

    /// The socket for operator commands.
    pub(crate) fn admin_socket(&self) -> PathBuf {
        self.0.join("admin.sock")
    }

    /// The AWS CLI's configuration.
    pub(crate) fn aws_config(&self) -> PathBuf {
        self.0.join("aws/config")
    }

    /// The first account's root credentials.
    pub(crate) fn aws_credentials(&self) -> PathBuf {
        self.0.join("aws/credentials")
    }

    /// Held by the server that is at work.
    pub(super) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    /// The envelopes of the root keys.
    pub(super) fn seal(&self) -> PathBuf {
        self.0.join("seal.json")
    }

    /// Which node of a deployment it is, where there are several.
    pub(crate) fn node(&self) -> PathBuf {
        self.0.join("node.json")
    }

    /// The records.
    pub(super) fn store(&self) -> PathBuf {
        self.0.join("strongroom.db")
    }

    /// How far the sinks of the audit log are.
    pub(super) fn audit_sinks(&self) -> PathBuf {
        self.audit().join("sinks")
    }

    /// The audit log.
    pub(crate) fn audit(&self) -> PathBuf {
        self.0.join("audit")
    }
}
