//! The built binary, driven from outside: as an operator starts and stops it, and as clients that
//! are slow, greedy or many.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod admin;
mod administration;
mod auditing;
mod first_start;
mod functions;
mod initializing;
mod keepers;
mod limits;
mod migrating;
mod private;
mod recovering;
mod refusals;
mod rotators;
mod sealing;
mod server;
mod signed;
mod sinks;
mod stopping;
mod tls;
