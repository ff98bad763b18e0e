//! The admin socket, `DIR/admin.sock`: how operator commands reach the running server.
//!
//! Rules kept here: one request line, one answer line, both JSON, both bounded in size and time;
//! only root and the server's own user are heard; no command acts before its audit event is on
//! file, and one that fails adds a second event that says so; the secrets that are sent (of new
//! access keys) are in no log and are overwritten in memory when they were sent.

mod administration;
mod client;
mod protocol;
mod server;

pub(crate) use client::{AdminError, call};
pub(crate) use protocol::{AccountRow, Command, SealStatus};
pub(crate) use server::AdminServer;

#[cfg(test)]
mod tests;
