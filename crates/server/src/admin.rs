//! The admin socket, `DIR/admin.sock`: how operator commands reach the running server.
//!
//! Rules kept here: one request line, one answer line, both JSON, both bounded in size and time;
//! only root and the server's own user are heard; no command acts before its audit event is on
//! file, and one that fails adds a second event that says so; the secrets that are sent (of new
//! access keys, shares, passphrases) are in no log and are overwritten in memory when they were
//! sent. A sealed server takes two commands: what it needs, and what opens it.

mod administration;
mod client;
mod destination;
mod hidden;
mod live;
mod protocol;
mod rotators;
mod sealing;
mod server;
mod status;

pub(crate) use client::{AdminError, call};
pub(crate) use destination::Destination;
pub(crate) use hidden::Hidden;
pub(crate) use protocol::{AccountRow, Command, Explain, OneSecret, Unused};
pub(crate) use rotators::RotatorCommand;
pub(crate) use sealing::{Passage, with_shares};
pub(crate) use server::{AdminServer, SealMoment};
#[cfg(test)]
pub(crate) use status::SealPhase;
pub(crate) use status::{SealStatus, SharesRow};

#[cfg(test)]
mod tests;
