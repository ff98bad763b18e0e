//! What PostgreSQL adds to the contract: a network and a server that fail on their own, other nodes,
//! other programs.

mod commits;
mod failures;
mod login;
mod nodes;
mod proxy;
mod schema;
mod tampering;

use crate::support::Bench;
use std::time::Duration;
use strongroom_store::{PostgresOptions, Store};
use tokio::time::Instant;

/// Settings with which little is waited for.
fn impatient(bench: &Bench, port: u16) -> PostgresOptions {
    let usual = bench.node("one");
    let url = crate::support::postgres::url(port);
    let mut options = PostgresOptions::parse(&url).unwrap();
    options.schema = usual.schema;
    options.node = usual.node;
    options.commit_timeout = Duration::from_millis(500);
    options.lock_timeout = Duration::from_millis(300);
    options.idle_transaction_timeout = Duration::from_secs(2);
    options
}

/// Waits until `is_so`, for a time in which it surely would be.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(Instant::now() < deadline, "it never came to be so");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn total(store: &Store, counter: &str) -> i64 {
    store.counter(counter).await.unwrap()
}
