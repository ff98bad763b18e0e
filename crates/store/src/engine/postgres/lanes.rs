//! Transactions of this node that count the same counter go one after the other. In the database
//! they would be in each other's way, each but one in vain, and hold connections meanwhile.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Mutex as Lane, OwnedMutexGuard};

/// The lanes in use, by the name of the counter.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<String, Arc<Lane<()>>>>);

impl Lanes {
    /// Waits for the lanes of `counters`, which are in the order of their names, so that nobody
    /// waits for somebody who waits for them.
    pub(super) async fn enter(&self, counters: &[String]) -> Vec<OwnedMutexGuard<()>> {
        let mut entered = Vec::with_capacity(counters.len());
        for counter in counters {
            let lane = self.lane(counter);
            entered.push(lane.lock_owned().await);
        }
        entered
    }

    fn lane(&self, counter: &str) -> Arc<Lane<()>> {
        let mut lanes = self.0.lock();
        if lanes.len() > MANY {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        Arc::clone(lanes.entry(counter.to_owned()).or_default())
    }
}

/// At so many lanes, those that nobody is in are forgotten.
const MANY: usize = 1_024;
