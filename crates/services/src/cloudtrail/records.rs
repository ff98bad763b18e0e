//! How trails are stored, and how far their deliveries are.

use super::model::Trail;
use crate::stored::stored;
use crate::tx::{Derived, Progress};
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`Trail`].
pub(crate) static TRAIL: Kind = Kind {
    name: "cloudtrail_trail",
    service: "cloudtrail",
    version: 1,
    key: KEY,
    columns: &[],
    indexes: &[],
    cached: false,
};

/// The kind of [`Delivery`].
pub(crate) static DELIVERY: Kind = Kind {
    name: "cloudtrail_delivery",
    service: "cloudtrail",
    version: 1,
    key: KEY,
    columns: &[Column::int("due")],
    indexes: &[Index {
        name: BY_DUE,
        columns: &["due"],
    }],
    cached: false,
};

/// The kind of [`LogDelivery`].
pub(crate) static LOG_DELIVERY: Kind = Kind {
    name: "cloudtrail_log_delivery",
    service: "cloudtrail",
    version: 1,
    key: KEY,
    columns: &[],
    indexes: &[],
    cached: false,
};

/// The kind of [`DigestKey`].
pub(crate) static DIGEST_KEY: Kind = Kind {
    name: "cloudtrail_digest_key",
    service: "cloudtrail",
    version: 1,
    key: &[Column::text("account")],
    columns: &[],
    indexes: &[],
    cached: false,
};

/// The RSA key that signs the digests of an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct DigestKey {
    pub(crate) account: AccountId,
    pub(crate) created: Timestamp,
    /// The public half, as PKCS #1 has it (DER).
    pub(crate) public: Vec<u8>,
    /// Names it in digests.
    pub(crate) fingerprint: String,
    /// The private half as PKCS #8 has it, sealed.
    pub(crate) sealed: Vec<u8>,
}

/// How far the files of a trail are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) trail: String,
    /// [`Trail::id`].
    pub(crate) trail_id: String,
    /// The number of the last event of the log that it is behind.
    pub(crate) after: u64,
    /// When there is something to do next. `None`: nothing any more.
    pub(crate) due: Option<Timestamp>,
    /// How often it was claimed: whose claim has passed to another changes nothing any more.
    pub(crate) claims: u64,
    /// What is being delivered.
    pub(crate) pending: Option<Pending>,
    /// All that was in the log at this moment is delivered.
    pub(crate) delivered: Option<Timestamp>,
    /// How often in a row delivering has failed.
    pub(crate) failures: u32,
    pub(crate) files: Told,
    pub(crate) notifications: Told,
    pub(crate) digests: Told,
    /// One of each Region that there was an event of.
    pub(crate) chains: Vec<DigestChain>,
    /// How often in a row a place has refused to which the trail pointed before.
    pub(crate) refused_before: u32,
    /// The trail, once it is deleted: what happened until then is delivered to its end.
    pub(crate) deleted: Option<Box<Deleted>>,
}

/// A trail that was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deleted {
    /// As it was, stopped.
    pub(crate) trail: Trail,
    pub(crate) at: Timestamp,
}

/// What is being delivered: the same whenever it is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The number of the last event of the log among it.
    pub(crate) through: u64,
    /// The time in the names of its files.
    pub(crate) at: Timestamp,
    /// Chance in the names of its files.
    pub(crate) token: String,
}

/// How it went, as `GetTrailStatus` tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) attempted: Option<Timestamp>,
    pub(crate) succeeded: Option<Timestamp>,
    /// Why the last attempt failed.
    pub(crate) error: Option<String>,
}

/// The digests of a trail for one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DigestChain {
    pub(crate) region: RegionName,
    /// Where the next digest begins.
    pub(crate) since: Timestamp,
    /// The files that it is to name.
    pub(crate) files: Vec<DigestedFile>,
    pub(crate) previous: Option<PreviousDigest>,
}

/// A file, as a digest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DigestedFile {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// In hexadecimal digits.
    pub(crate) sha256: String,
    pub(crate) newest: Timestamp,
    pub(crate) oldest: Timestamp,
}

/// The digest before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PreviousDigest {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// In hexadecimal digits.
    pub(crate) sha256: String,
    /// In hexadecimal digits.
    pub(crate) signature: String,
}

/// How a trail's delivery to its log group went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogDelivery {
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) trail: String,
    pub(crate) told: Told,
}

/// The trails of an account, in all Regions.
pub(crate) fn trails_of(account: &AccountId) -> Query {
    Query::primary(MOST_OF_ACCOUNT).equal(account)
}

/// The key of a trail, and of how far it is.
pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
    key![account, region, name]
}

impl Delivery {
    /// Those that have something to do at `now`, the longest due first.
    pub(crate) fn all_due(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_DUE, limit).to(Bound::Included(now.as_millis()))
    }

    /// Those of an account, of trails that are there and of deleted ones.
    pub(crate) fn all_of(account: &AccountId) -> Query {
        trails_of(account)
    }

    /// Its key when its trail is deleted: beside that of another one of the name, which has no slash.
    pub(crate) fn key_once_deleted(&self) -> Key {
        let name = format!("{}/{}", self.trail, self.trail_id);
        key_of(&self.account, &self.region, &name)
    }
}

impl DigestKey {
    pub(crate) fn key_of(account: &AccountId) -> Key {
        key![account]
    }

    /// In seconds after 1970.
    pub(crate) fn created_seconds(&self) -> i64 {
        self.created.as_millis().div_euclid(1_000)
    }
}

impl Progress for Delivery {}

impl Derived for LogDelivery {}

stored!(
    Trail as TRAIL,
    key: |trail| key_of(&trail.account, &trail.region, &trail.name),
    columns: |_trail| Vec::new(),
    weight: |trail| trail.weight()
);

stored!(
    Delivery as DELIVERY,
    key: |delivery| match delivery.deleted {
        None => key_of(&delivery.account, &delivery.region, &delivery.trail),
        Some(_) => delivery.key_once_deleted(),
    },
    columns: |delivery| vec![Value::Int(delivery.due.map_or(i64::MAX, Timestamp::as_millis))],
    weight: |delivery| {
        let files: usize = delivery.chains.iter().map(|chain| chain.files.len() * 400).sum();
        files + delivery.deleted.as_ref().map_or(0, |deleted| deleted.trail.weight())
    }
);

stored!(
    DigestKey as DIGEST_KEY,
    key: |digest_key| DigestKey::key_of(&digest_key.account),
    columns: |_digest_key| Vec::new(),
    weight: |digest_key| digest_key.public.len() + digest_key.sealed.len()
);

stored!(
    LogDelivery as LOG_DELIVERY,
    key: |delivery| key_of(&delivery.account, &delivery.region, &delivery.trail),
    columns: |_delivery| Vec::new(),
    weight: |delivery| delivery.trail.len()
);

const KEY: &[Column] = &[
    Column::text("account"),
    Column::text("region"),
    Column::text("name"),
];
const BY_DUE: &str = "by_due";
/// Five in each Region, and more Regions than there are.
const MOST_OF_ACCOUNT: usize = 1_000;

#[cfg(test)]
mod tests;
