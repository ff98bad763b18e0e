//! Data of a metric, put together by periods.

use super::records::{Block, TIERS, Tier};
use super::series::Series;
use super::statistics::Aggregate;
use crate::tx::Tx;
use std::collections::BTreeMap;
use store::StoreError;

/// The time that is asked for, in seconds.
///
/// INVARIANT: `start` is a whole minute, and `period` whole minutes, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: i64,
    /// Before which it ends.
    pub(super) end: i64,
    pub(super) period: i64,
}

/// The data of each period that has any, by its first second and unit.
pub(super) type Points = BTreeMap<(i64, u8), Aggregate>;

/// What was read.
pub(super) struct Data {
    pub(super) points: Points,
    /// How many buckets were looked at for that: what it took.
    pub(super) buckets: usize,
}

/// The data of `series` in `span`, of one unit or of all.
pub(super) async fn points(
    tx: &mut Tx<'_>,
    series: &Series,
    unit: Option<u8>,
    span: Span,
) -> Result<Data, StoreError> {
    let tier = span.tier();
    let query = Block::between(series, tier, span.start, span.end, MOST_BLOCKS);
    let mut data = Data {
        points: Points::new(),
        buckets: 0,
    };
    let mut turn = 0;
    for block in tx.query::<Block>(&query).await? {
        for (second, bucket) in block.record.buckets() {
            turn += 1;
            let is_asked = unit.is_none_or(|unit| unit == bucket.unit);
            if is_asked && (span.start..span.end).contains(&second) {
                let begins = second - (second - span.start).rem_euclid(span.period);
                data.points
                    .entry((begins, bucket.unit))
                    .and_modify(|values| *values = values.with(bucket.values))
                    .or_insert(bucket.values);
            }
        }
        if turn > TURN {
            data.buckets += std::mem::take(&mut turn);
            tokio::task::yield_now().await;
        }
    }
    data.buckets += turn;
    Ok(data)
}

impl Span {
    /// The coarsest tier that says the same.
    fn tier(self) -> Tier {
        let fits = |tier: &&Tier| self.start % tier.seconds == 0 && self.period % tier.seconds == 0;
        let [finest, ..] = TIERS;
        TIERS.iter().rev().find(fits).copied().unwrap_or(finest)
    }
}

/// More than the time that is kept has.
const MOST_BLOCKS: usize = 1_000;
/// After so many buckets others have a turn on the thread.
const TURN: usize = 10_000;
