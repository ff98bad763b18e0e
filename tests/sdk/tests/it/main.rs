//! Real clients, real crashes and rude strangers against the built server.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod auditing;
mod canary;
mod crash;
mod durability;
mod limits;
mod mount;
mod sdk;
mod tls;
