use crate::cloudwatch::series::Series;
use crate::cloudwatch::statistics::Aggregate;
use crate::stored::stored;
use crate::tx::Derived;
use base::{AccountId, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, Value, key};

/// The kind of [`Block`].
pub(crate) static BLOCK: Kind = Kind {
    name: "cloudwatch_block",
    service: "cloudwatch",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("series"),
        Column::int("tier"),
        Column::int("begins"),
    ],
    columns: &[Column::int("expires")],
    indexes: &[Index {
        name: BY_EXPIRY,
        columns: &["expires"],
    }],
    cached: false,
};

/// How finely data is kept, for how long, and in blocks of which length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tier {
    pub(crate) seconds: i64,
    days: i64,
    block_seconds: i64,
}

/// From the finest to the coarsest. As AWS keeps them.
pub(crate) const TIERS: [Tier; 3] = [
    Tier {
        seconds: 60,
        days: 15,
        block_seconds: 3_600,
    },
    Tier {
        seconds: 300,
        days: 63,
        block_seconds: 86_400,
    },
    Tier {
        seconds: 3_600,
        days: 455,
        block_seconds: 30 * 86_400,
    },
];

/// Data of one metric in one tier, of some time.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Block {
    account: AccountId,
    region: RegionName,
    /// [`Series::id`].
    series: String,
    tier: i64,
    /// Its first second.
    begins: i64,
    expires: Timestamp,
    /// INVARIANT: in ascending order by offset and unit, each once.
    buckets: Vec<Bucket>,
}

/// Data of one unit of a tier's time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    /// Which one of the block's.
    pub(crate) offset: u16,
    /// A place among the units.
    pub(crate) unit: u8,
    pub(crate) values: Aggregate,
}

impl Tier {
    /// The first second of the block that has `second`.
    pub(crate) fn block_of(self, second: i64) -> i64 {
        second - second.rem_euclid(self.block_seconds)
    }

    /// Which bucket of its block has `second`.
    pub(crate) fn offset_of(self, second: i64) -> u16 {
        let offset = second.rem_euclid(self.block_seconds) / self.seconds;
        u16::try_from(offset).unwrap_or(u16::MAX)
    }
}

impl Block {
    pub(crate) fn key_of(series: &Series, tier: Tier, begins: i64) -> Key {
        key![
            &series.account,
            &series.region,
            series.id(),
            tier.seconds,
            begins
        ]
    }

    /// An empty one.
    pub(crate) fn new(series: &Series, tier: Tier, begins: i64) -> Self {
        let ends = Timestamp::from_millis((begins + tier.block_seconds).saturating_mul(1_000));
        Self {
            account: series.account.clone(),
            region: series.region.clone(),
            series: series.id(),
            tier: tier.seconds,
            begins,
            expires: ends.plus_days(tier.days),
            buckets: Vec::new(),
        }
    }

    /// Adds to a bucket.
    pub(crate) fn add(&mut self, offset: u16, unit: u8, values: Aggregate) {
        let place = self
            .buckets
            .binary_search_by_key(&(offset, unit), |bucket| (bucket.offset, bucket.unit));
        match place {
            Ok(place) => {
                if let Some(bucket) = self.buckets.get_mut(place) {
                    bucket.values = bucket.values.with(values);
                }
            }
            Err(place) => self.buckets.insert(
                place,
                Bucket {
                    offset,
                    unit,
                    values,
                },
            ),
        }
    }

    /// Each bucket with its first second.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (i64, Bucket)> {
        let second = |bucket: &Bucket| self.begins + i64::from(bucket.offset) * self.tier;
        self.buckets
            .iter()
            .map(move |bucket| (second(bucket), *bucket))
    }

    /// The blocks that have data from second `start` to before `end`.
    pub(crate) fn between(
        series: &Series,
        tier: Tier,
        start: i64,
        end: i64,
        limit: usize,
    ) -> Query {
        Query::primary(limit)
            .equal(&series.account)
            .equal(&series.region)
            .equal(series.id())
            .equal(tier.seconds)
            .from(Bound::Included(tier.block_of(start)))
            .to(Bound::Excluded(end))
    }

    /// Blocks whose time has come at `now`.
    pub(crate) fn expired(now: Timestamp, limit: usize) -> Query {
        Query::on(BY_EXPIRY, limit).to(Bound::Included(now.as_millis()))
    }
}

/// As for metrics.
impl Derived for Block {}

stored!(
    Block as BLOCK,
    key: |block| key![
        &block.account,
        &block.region,
        block.series.as_str(),
        block.tier,
        block.begins
    ],
    columns: |block| vec![Value::Int(block.expires.as_millis())],
    weight: |block| block.buckets.len() * size_of::<Bucket>()
);

const BY_EXPIRY: &str = "by_expiry";
