//! The services driven through the gateway, in process, over a store of their own.
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod audit;
mod cloudformation;
mod cloudtrail;
mod cloudwatch;
mod concurrent;
mod conditions;
mod constraints;
mod denials;
mod engines;
mod events;
mod explain;
mod gateway;
mod iam;
mod kms;
mod lambda;
mod logs;
mod metrics;
mod partitions;
mod ratchets;
mod revocation;
mod rotators;
mod secretsmanager;
mod serverlessrepo;
mod signatures;
mod sns;
mod sts;
mod throttling;
mod witness;

use std::future::Future;

/// Runs a test that is no `async fn`: one of proptest's.
fn block_on<F: Future>(test: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(test)
}
