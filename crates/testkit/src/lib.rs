//! What tests share: a clock that stands still, chance from a seed, an audit log in memory, an
//! issuer of web identity tokens, and a [`Harness`] that answers signed requests in process.
//!
//! Tests only: it panics where a test should fail.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test helper fails by panicking"
)]

mod audit;
mod buckets;
mod clock;
mod entropy;
mod harness;
mod issuer;
mod lambda;
mod messenger;
mod reply;
mod requests;
mod secrets;
mod turns;
mod xml;

pub use audit::RecordedAudit;
pub use buckets::{KeptBuckets, KeptObject};
pub use clock::FakeClock;
pub use entropy::SeededEntropy;
pub use harness::{Caller, Engine, Entrance, Harness, Signed};
pub use issuer::{Issuer, KeyType, TokenAlgorithm};
pub use lambda::{EMPTY_ZIP, ScriptedExecutor, failing, returning};
pub use messenger::{RecordedMessenger, SentMail, SentPost};
pub use reply::Reply;
pub use requests::{form, token, with};
pub use turns::turns;
