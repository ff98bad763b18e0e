use crate::code::CodeError;
use std::io;

/// Why a function was not run. What the function itself did wrong is an
/// [`Outcome`](crate::Outcome).
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The zip cannot be unpacked.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A variable cannot be passed on.
    #[error("`{0}` is not a name and value that a process can be given")]
    MalformedVariable(String),
    /// The event is larger than 6 MiB.
    #[error("the payload has {0} bytes, of at most {most}", most = crate::settings::MOST_PAYLOAD)]
    PayloadTooLarge(usize),
    /// Nothing on this host runs functions of this runtime.
    #[error("no program for the runtime `{0}` is installed on this host")]
    RuntimeMissing(String),
    /// The isolation that was asked for cannot be had.
    #[error("functions cannot be isolated on this host: {0}")]
    Isolation(String),
    /// The process could not be started.
    #[error("the function's process did not start: {0}")]
    Launch(String),
    /// The system refused something that the runner needs.
    #[error("could not {task}")]
    System {
        /// What was tried.
        task: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl RunError {
    /// For `map_err`: names what was tried.
    pub(crate) fn system<E: Into<io::Error>>(task: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::System {
            task,
            source: source.into(),
        }
    }
}
