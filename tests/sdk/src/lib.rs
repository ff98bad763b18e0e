//! The built server under real clients: starting and stopping it, a small signed client for speed,
//! AWS's own clients, and what it leaves on disk.
//!
//! Tests only: it panics where a test should fail. Every process is ended by its own handle, and
//! everything listens on loopback.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test helper fails by panicking"
)]

mod audit;
mod aws;
mod binary;
mod client;
mod dice;
mod server;
mod settings;
mod traces;
mod waiting;

pub use audit::{AuditLog, duplicates};
pub use aws::Aws;
pub use binary::path as binary_path;
pub use client::{Answer, Client, Keys, now};
pub use dice::Dice;
pub use server::{Launch, Server};
pub use settings::number;
pub use traces::{Traces, files_under};
pub use waiting::until;
