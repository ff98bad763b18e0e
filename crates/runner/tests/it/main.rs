//! Functions that are really run, well-behaved and hostile, behind each isolation of this host.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says what it skips"
)]

mod aws_clients;
mod bench;
mod bootstrap;
mod escape;
mod limits;
mod node;
mod python;
mod zips;
