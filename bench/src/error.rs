use std::io;
use std::path::PathBuf;

/// Why a run stopped. Every text tells the person at the terminal what to look at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no server to measure.
    #[error(
        "no server at `{}`: build it with `cargo build --release -p strongroom-server`, name one \
         with --server, or measure only the limits of this machine with --limits-only", .0.display()
    )]
    NoServer(PathBuf),
    /// A server process ended, or did not become ready.
    #[error("{name} did not become ready: {reason}; the end of its log:\n{log}")]
    NotReady {
        name: &'static str,
        reason: String,
        log: String,
    },
    /// What a server left for its clients cannot be read.
    #[error("{name} left no usable {what}: {reason}")]
    Contract {
        name: &'static str,
        what: &'static str,
        reason: String,
    },
    /// The answer is none that HTTP/1.1 with a content-length allows.
    #[error("malformed answer: {0}")]
    Malformed(&'static str),
    /// The server refused.
    #[error("{operation} was answered with status {status}: {body}")]
    Refused {
        operation: &'static str,
        status: u16,
        body: String,
    },
    /// The answer is about something else than was asked.
    #[error("the answer to {operation} does not contain `{expected}`: {body}")]
    WrongAnswer {
        operation: &'static str,
        expected: String,
        body: String,
    },
    /// The server closed a connection that was in use.
    #[error("the server closed a connection in use")]
    Closed,
    /// A load did not end.
    #[error("the load did not end within {0} seconds")]
    Stuck(u64),
    /// All prepared requests were sent before the measurement began.
    #[error(
        "all {0} prepared requests were sent before the measurement began: use more secrets, fewer \
         rounds or fewer seconds"
    )]
    RanDry(usize),
    /// The rotation function could not do its part.
    #[error("the rotation function: {0}")]
    Step(String),
    /// A secret was not rotated as it should have been.
    #[error("`{secret}` was not rotated: {reason}; the end of the function's log:\n{log}")]
    NotRotated {
        secret: String,
        reason: String,
        log: String,
    },
    /// A generator thread died.
    #[error("a generator thread ended early")]
    ThreadLost,
    /// A file of the kernel's does not look as expected.
    #[error("cannot read `{0}`")]
    Proc(String),
    /// A file or socket failed.
    #[error("{what}: {source}")]
    Io {
        what: String,
        #[source]
        source: io::Error,
    },
    /// TLS could not be set up.
    #[error("tls: {0}")]
    Tls(String),
    /// A request could not be signed.
    #[error("the access key cannot stand in a header")]
    Unsignable,
    /// A document could not be written or read.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// For `map_err`: a failure of `what`, such as the name of a file.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// For `map_err`: any failure of the TLS library.
    pub(crate) fn tls(cause: impl std::fmt::Display) -> Self {
        Self::Tls(cause.to_string())
    }
}
