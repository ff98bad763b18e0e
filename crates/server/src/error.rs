//! What ends a command, and how it is told to the person at the terminal.

use std::error::Error as StdError;
use std::io::Write as _;

/// Why a command ended without doing its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The configuration file or a flag cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The data directory, the root key or the store could not be brought up.
    #[error(transparent)]
    Boot(#[from] crate::boot::BootError),
    /// What was shown is not in force.
    #[error("nothing was made, and shares that were shown are good for nothing")]
    NotMade(#[source] crate::boot::BootError),
    /// Certificates.
    #[error(transparent)]
    Tls(#[from] crate::tls::TlsError),
    /// Listening sockets and their threads.
    #[error(transparent)]
    Listen(#[from] crate::listen::ListenError),
    /// The operator's side of the admin socket.
    #[error(transparent)]
    Admin(#[from] crate::admin::AdminError),
    /// What runs functions.
    #[error(transparent)]
    Functions(#[from] crate::functions::FunctionsError),
    /// A file of ours.
    #[error(transparent)]
    File(#[from] crate::files::FileError),
    /// The terminal, or what was typed there.
    #[error(transparent)]
    Asked(#[from] seal::SealFailure),
    /// Alternating users without a master.
    #[error("alternating users need a master: give `--master-secret ARN`")]
    MasterSecretMissing,
    /// A flag of another seal.
    #[error("the seal `{0}` has no root key file: `--key-file` is for `file`")]
    NoKeyFile(seal::SealKind),
    /// The audit log cannot be verified.
    #[error(transparent)]
    Audit(#[from] ::audit::VerifyError),
    /// Not a key.
    #[error("`{}` cannot be used", .0.display())]
    AuditKey(std::path::PathBuf, #[source] ::audit::KeyError),
    /// No key to verify with.
    #[error("there is no public key beside the audit log in `{}`: give it with `--public-key`", .0.display())]
    NoAuditKey(std::path::PathBuf),
    /// The audit log was changed.
    #[error("the audit log is not what it was")]
    AuditAltered,
    /// Not a time.
    #[error("`{0}` is no time: write it like `2026-01-02T03:04:05Z`, `2026-01-02`, `15m` or `2h`")]
    NoTime(String),
    /// The check of a secret did not go well.
    #[error("the credential was not found to work")]
    Unchecked,
    /// Standard input ended too early.
    #[error("nothing was given on standard input")]
    NothingGiven,
    /// Standard input ended after shares that were taken.
    #[error("{} needed", more_shares(*.0))]
    MoreShares(u8),
    /// Something of the operating system that has no file to name.
    #[error("cannot {action}")]
    System {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The server stopped by itself: going on would have risked what was acknowledged.
    #[error("the server stopped: {0}")]
    Stopped(String),
}

impl Error {
    /// What the process ends with. The usage of a command that cannot be read ends with 2.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::MoreShares(_) => UNFINISHED,
            _ => FAILED,
        }
    }

    /// A failed system call, for use with `map_err`.
    pub(crate) fn system(action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::System { action, source }
    }
}

fn more_shares(count: u8) -> String {
    match count {
        1 => String::from("1 more share is"),
        _ => format!("{count} more shares are"),
    }
}

/// Writes `error` and its causes to standard error, on one line.
pub(crate) fn report(error: &(dyn StdError + 'static)) {
    let text = chain(error);
    // Nothing is left to do when standard error itself is gone.
    let _ = writeln!(std::io::stderr(), "strongroom: {text}");
}

/// `error` and its causes, from the outermost in, without saying the same thing twice.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = inner.source();
    }
    text
}

const FAILED: u8 = 1;
/// What was given was taken, and more of it is needed.
const UNFINISHED: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn causes_follow_the_error_that_they_caused() {
        let error = Error::system("read the wall")(io::Error::other("it is wet"));

        assert_eq!(chain(&error), "cannot read the wall: it is wet");
    }

    #[test]
    fn too_few_shares_are_no_failure_like_others() {
        let told = |count| Error::MoreShares(count).to_string();

        assert_eq!(told(1), "1 more share is needed");
        assert_eq!(told(2), "2 more shares are needed");
        assert_eq!(Error::MoreShares(1).exit_code(), 3);
        assert_eq!(Error::NothingGiven.exit_code(), 1);
    }

    #[test]
    fn a_cause_that_was_said_already_is_not_repeated() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer: {0}")]
        struct Outer(#[source] io::Error);

        let error = Outer(io::Error::other("inner"));

        assert_eq!(chain(&error), "outer: inner");
    }
}
