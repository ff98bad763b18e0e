//! The services driven through the gateway, in process, over a store of their own.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod constraints;
mod gateway;
mod ratchets;
mod records;
mod secretsmanager;
mod sts;
