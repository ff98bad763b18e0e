//! What an operator may watch of the services: counts, without a name among them.

use super::App;
use crate::cloudtrail;
use crate::deliveries;
use crate::follow;
use crate::lambda;
use crate::metrics::Counts;
use crate::secretsmanager;
use base::{AccountId, CommonError, RegionName};

/// Work that is due and not done. No more than [`MOST_COUNTED`] of each is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueWork {
    /// Rotations that a worker may begin or go on with.
    pub rotations: usize,
    /// Secrets whose recovery window has ended.
    pub deletions: usize,
    /// Functions that were called without being waited for.
    pub functions: usize,
    /// Messages of topics and rules that may be delivered, for the first time or again.
    pub messages: usize,
    /// Trails that owe files to their buckets.
    pub trails: usize,
}

/// How far one that goes through the audit log is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerBehind {
    /// `access` (who read which secret), `rules` (those of EventBridge) or `trails` (to log groups).
    pub follower: &'static str,
    /// Events of the log that it has not taken yet.
    pub events: u64,
}

/// How many secrets an account has in a Region, those scheduled for deletion included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretCount {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: RegionName,
    /// The number.
    pub secrets: i64,
}

impl App {
    /// What was counted since the start.
    pub fn counts(&self) -> Counts {
        self.counters.counts()
    }

    /// The work that is due now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due_work(&self) -> Result<DueWork, CommonError> {
        let now = self.clock.now();
        let rotations = secretsmanager::rotations_due(now, MOST_COUNTED);
        let deletions = secretsmanager::deletions_due(now, MOST_COUNTED);
        let functions = lambda::functions_due(now, MOST_COUNTED);
        let messages = deliveries::messages_due(now, MOST_COUNTED);
        let trails = cloudtrail::trails_due(now, MOST_COUNTED);
        Ok(DueWork {
            rotations: self.ledger.count_rows(rotations).await?,
            deletions: self.ledger.count_rows(deletions).await?,
            functions: self.ledger.count_rows(functions).await?,
            messages: self.ledger.count_rows(messages).await?,
            trails: self.ledger.count_rows(trails).await?,
        })
    }

    /// How far each that goes through the audit log is behind it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn followers_behind(&self) -> Result<Vec<FollowerBehind>, CommonError> {
        follow::behind(self).await
    }

    /// How many secrets there are, by account and Region, in the first [`MOST_PLACES`] of them that
    /// ever had any.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn secret_counts(&self) -> Result<Vec<SecretCount>, CommonError> {
        let prefix = secretsmanager::SECRETS_COUNTERS;
        let counters = self.ledger.counters(prefix, MOST_PLACES).await?;
        let read = |(name, secrets): (String, i64)| {
            let (account, region) = name.strip_prefix(prefix)?.split_once('/')?;
            Some(SecretCount {
                account: AccountId::parse(account).ok()?,
                region: RegionName::parse(region).ok()?,
                secrets,
            })
        };
        Ok(counters.into_iter().filter_map(read).collect())
    }
}

/// As much of each kind is counted: who has more has fallen behind, however much it is.
pub const MOST_COUNTED: usize = 1_000;
/// As many accounts and Regions are told of.
pub const MOST_PLACES: usize = 10_000;
