//! What operators see of messages on their way.

use super::records::{DeadLetter, Delivery};
use crate::app::App;
use base::{AccountId, CommonError, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};

/// Messages that wait, and those that were given up, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownDeliveries {
    /// Since this server was started.
    pub counts: DeliveryCounts,
    /// Messages that wait.
    pub waiting: Vec<ShownDelivery>,
    /// Messages that were given up.
    pub dead: Vec<ShownDeadLetter>,
}

/// How many messages went which way since the server was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeliveryCounts {
    /// Delivered.
    pub delivered: u64,
    /// Attempts that failed and are made again.
    pub failed: u64,
    /// Given up.
    pub dead: u64,
}

/// A message that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownDelivery {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub account_id: String,
    /// The ARN of the subscription or rule.
    pub source: String,
    /// Where it goes; of a URL no more than the host.
    pub endpoint: String,
    /// When it was made.
    pub made: String,
    /// How often it failed.
    pub failures: u32,
    /// When it is tried next.
    pub next_attempt: Option<String>,
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownDeadLetter {
    /// Its id.
    pub id: String,
    /// Whose it was.
    pub account_id: String,
    /// The ARN of the subscription or rule.
    pub source: String,
    /// Where it was to go; of a URL no more than the host.
    pub endpoint: String,
    /// When it was made.
    pub made: String,
    /// When it was given up.
    pub given_up: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed at last.
    pub why: String,
}

/// The counts of this process.
#[derive(Default)]
pub(crate) struct Counts {
    delivered: AtomicU64,
    failed: AtomicU64,
    dead: AtomicU64,
}

impl Counts {
    pub(super) fn delivered(&self) {
        self.delivered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn dead(&self, messages: usize) {
        let messages = u64::try_from(messages).unwrap_or(u64::MAX);
        self.dead.fetch_add(messages, Ordering::Relaxed);
    }

    /// As they are now.
    pub(crate) fn now(&self) -> DeliveryCounts {
        DeliveryCounts {
            delivered: self.delivered.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            dead: self.dead.load(Ordering::Relaxed),
        }
    }
}

/// What there is to see, of one account or of all.
///
/// # Errors
/// When the store fails.
pub(crate) async fn show(
    app: &App,
    account: Option<&AccountId>,
) -> Result<ShownDeliveries, CommonError> {
    let mut tx = app.ledger.begin_reading();
    let far = Timestamp::from_millis(i64::MAX);
    let (waiting, dead) = match account {
        Some(account) => (
            Delivery::of_account(account, MOST),
            DeadLetter::latest_of(account, MOST),
        ),
        None => (Delivery::due(far, MOST), DeadLetter::latest(MOST)),
    };
    let waiting = tx.query::<Delivery>(&waiting).await?;
    let dead = tx.query::<DeadLetter>(&dead).await?;
    Ok(ShownDeliveries {
        counts: app.delivery_counts.now(),
        waiting: waiting
            .iter()
            .map(|one| ShownDelivery::of(&one.record))
            .collect(),
        dead: dead
            .iter()
            .map(|one| ShownDeadLetter::of(&one.record))
            .collect(),
    })
}

impl ShownDelivery {
    fn of(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.clone(),
            account_id: delivery.account.to_string(),
            source: delivery.source.clone(),
            endpoint: delivery.destination.shown(),
            made: delivery.made.to_iso(),
            failures: delivery.job.failures(),
            next_attempt: delivery.job.due().map(Timestamp::to_iso),
        }
    }
}

impl ShownDeadLetter {
    fn of(letter: &DeadLetter) -> Self {
        Self {
            id: letter.id.clone(),
            account_id: letter.account.to_string(),
            source: letter.source.clone(),
            endpoint: letter.endpoint.clone(),
            made: letter.made.to_iso(),
            given_up: letter.died.to_iso(),
            attempts: letter.attempts,
            why: letter.why.clone(),
        }
    }
}

const MOST: usize = 1_000;
