//! Runs functions in the form of AWS Lambda as isolated child processes of this host.
//!
//! A function is a zip with a handler for Python or Node, or with a program called `bootstrap`. It
//! talks to the Lambda Runtime API, which this crate serves on loopback, for one invocation each.
//!
//! Rules kept here:
//! - Code of a function is hostile. It runs with no more rights than the server, as another user
//!   where the server can choose one, and behind Landlock, seccomp and, where it is installed,
//!   bubblewrap. What the system cannot enforce refuses the invocation, unless the operator chose
//!   [`Demand::BestEffort`].
//! - It inherits nothing: no variable, no open file, no directory of the server.
//! - It ends with its invocation, with all its children; its private directory is removed.
//! - Everything that it can fill is bounded: time, memory, processes, disk, log, response.
//! - Values of secrets are taken out of its log and its errors before anyone sees them.

mod api;
mod code;
mod discover;
mod environment;
mod error;
mod execution;
mod invocation;
mod isolation;
mod launch;
mod log;
mod process;
mod runner;
mod runtime;
mod scratch;
mod scrub;
mod settings;
mod start;
mod tree;
mod user;
mod watch;

pub use code::{Code, CodeError};
pub use error::RunError;
pub use execution::{Credentials, Executed, Execution, LogLine, Outcome};
pub use isolation::Isolation;
pub use launch::launch;
pub use log::readable;
pub use runner::Runner;
pub use runtime::{Found, Runtime};
pub use scrub::Scrubber;
pub use settings::{Bubblewrap, Demand, Launcher, Limits, Settings, User};
