//! The ways in which the root keys are kept.
//!
//! Rules kept here: a seal never panics on an envelope, whoever wrote it; what an envelope may cost
//! is bounded before it is paid; every failure tells the operator what to do, and nothing of the
//! key. A seal that has wrapped or opened once can wrap the next bundle without asking again.

mod command;
mod file_seal;
mod held;
mod passphrase;
mod secret_source;
mod shares;

pub use command::{CommandMode, CommandSeal};
pub use file_seal::FileSeal;
pub use passphrase::PassphraseSeal;
pub use secret_source::{Ask, SecretSource};
pub use shares::{Collected, Collector, ShamirSeal, recovery_envelope, rewrap_recovery, shares_of};

use crate::{Envelope, RootBundle, SealFailure, SealKind};

/// A way to keep the root keys. Calls may block: on a terminal, a program or a token.
pub trait Seal: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> SealKind;

    /// Wraps `bundle` so that only this seal opens it.
    fn wrap(&self, bundle: &RootBundle) -> Result<Envelope, SealFailure>;

    /// Opens what [`Seal::wrap`] made, in this process or an earlier one.
    fn unwrap(&self, envelope: &Envelope) -> Result<RootBundle, SealFailure>;
}
