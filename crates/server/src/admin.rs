//! The admin socket, `DIR/admin.sock`: how operator commands reach the running server.
//!
//! Rules kept here: one request line, one answer line, both JSON, both bounded in size and time;
//! only root and the server's own user are heard; no command acts before its audit event is on
//! file, and one that fails adds a second event that says so; the one secret that is ever sent (a
//! new account's) is in no log and is overwritten in memory when it was sent.

mod client;
mod protocol;
mod server;

pub(crate) use client::{AdminError, call};
pub(crate) use protocol::{AccountRow, Command, SealStatus};
pub(crate) use server::AdminServer;

#[cfg(test)]
mod tests;
