//! Durable work: who does it, until when, and when it is tried again.
//!
//! A record that is work carries a [`Job`]; its kind has an index over [`Job::next_look`]. Workers,
//! of one process or of several, look for records that are due ([`due`]) and claim them; the store's
//! transactions see to it that one of them wins ([`advance`]). Rules kept here:
//!
//! - **Nothing is lost.** A worker holds a job for the length of a lease, which it renews. When it
//!   dies, the lease ends and another worker takes over.
//! - **No clock holds a job for longer than a lease.** One that was ahead and is put right leaves a
//!   lease that ends too late: [`Job::shorten`].
//! - **Nobody acts on a lost claim.** Every claim has a fencing number, larger than all before it.
//!   What a worker stores, it stores in a transaction that checks that its number is still the last.
//! - **A nudge is never forgotten.** Work that comes up while a job is held is due when it is
//!   released.
//! - No clock and no chance of its own: both come by argument.

mod backoff;
mod job;
mod work;

pub use backoff::Backoff;
pub use job::{Claim, Job, Lost};
pub use work::{advance, due};
