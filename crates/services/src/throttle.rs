//! Throttling: one token bucket for each account, Region and group of operations.
//!
//! Rules (behaviour reference §1.7, §14):
//! - a call counts on the account of its caller, whoever owns what it is about;
//! - SECURITY: only who is authenticated takes a token, so nobody empties another's bucket. Calls that need
//!   no signature have buckets of their own, by the address that they come from (`unsigned.rs`);
//! - a call takes its token before its input is looked at, and keeps it whatever becomes of it;
//! - a call for which there is no token changes nothing, here and anywhere.
//!
//! A bucket is one number that changes by compare-and-swap, so a call that finds its bucket takes a
//! read lock of one shard and allocates nothing. A full bucket is the same as none: those are thrown
//! away when a shard has many, so memory is bounded by the buckets in use within their last burst.

mod bucket;
mod groups;
#[cfg(test)]
mod tests;
mod unsigned;

pub use self::groups::RateGroup;
pub(crate) use self::groups::rate_groups;

use crate::numbering::number_of;
use crate::operation::Entry;
use crate::quotas::Quotas;
use crate::service::Service;
use base::{AccountId, RegionName, Timestamp};
use bucket::Bucket;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;
use unsigned::Unsigned;

/// The buckets of all accounts.
pub(crate) struct Throttle {
    /// By the number of the operation.
    groups: Vec<u16>,
    regions: HashMap<Box<str>, u64>,
    shards: Vec<RwLock<HashMap<u64, Bucket>>>,
    unsigned: Unsigned,
    is_off: bool,
}

/// There is no token. One comes after this time, if nobody else takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Throttled(pub(crate) Duration);

impl Throttle {
    /// With every bucket full. `regions` are those that are served.
    pub(crate) fn new<'a>(quotas: &Quotas, regions: impl Iterator<Item = &'a RegionName>) -> Self {
        let numbers = regions.zip(1_u64..);
        Self {
            groups: groups::by_operation(),
            regions: numbers
                .map(|(region, number)| (region.as_str().into(), number))
                .collect(),
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            unsigned: Unsigned::new(),
            is_off: quotas.throttle_nobody(),
        }
    }

    /// Takes a token for a call that `account` makes of the operation `entry` at `now`.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn take(
        &self,
        quotas: &Quotas,
        caller: (&AccountId, Option<&RegionName>),
        (service, entry): (&Service, &Entry),
        now: Timestamp,
    ) -> Result<(), Throttled> {
        if self.is_off {
            return Ok(());
        }
        let number = number_of(service, Some(entry));
        let Some(group) = self.groups.get(number).copied() else {
            return Ok(());
        };
        let (account, region) = caller;
        let region = region.and_then(|region| self.regions.get(region.as_str()));
        let key = key(account, region.copied().unwrap_or_default(), group);
        let now = nanos(now);
        let Some(shard) = self.shards.get(shard_of(key)) else {
            return Ok(());
        };
        if let Some(bucket) = shard.read().get(&key) {
            return bucket.take(now).map_err(Throttled);
        }
        let mut shard = shard.write();
        if shard.len() >= MANY {
            shard.retain(|_, bucket| !bucket.is_full(now));
        }
        let rate = || quotas.of(account).rates.of(usize::from(group));
        let bucket = shard.entry(key).or_insert_with(|| Bucket::full(rate()));
        bucket.take(now).map_err(Throttled)
    }

    /// Takes a token for a call at `now` from `address`, which nobody signed.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn take_unsigned(&self, address: IpAddr, now: Timestamp) -> Result<(), Throttled> {
        match self.is_off {
            true => Ok(()),
            false => self.unsigned.take(address, nanos(now)).map_err(Throttled),
        }
    }

    /// How many buckets are kept.
    #[cfg(test)]
    fn buckets(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }
}

/// INVARIANT: different for different accounts, Regions and groups: 12 digits are less than 40 bits,
/// and there are fewer than 2^12 of the others.
fn key(account: &AccountId, region: u64, group: u16) -> u64 {
    let digits = account.as_str().bytes();
    let account = digits.fold(0_u64, |number, digit| {
        let digit = u64::from(digit.wrapping_sub(b'0'));
        number.wrapping_mul(10).wrapping_add(digit)
    });
    (account << 24) | ((region & 0xfff) << 12) | (u64::from(group) & 0xfff)
}

/// The highest bits of a product with a large odd number: each bit of the key bears on them.
fn shard_of(key: u64) -> usize {
    let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
    usize::try_from(mixed).unwrap_or_default()
}

fn nanos(moment: Timestamp) -> u64 {
    let millis = u64::try_from(moment.as_millis()).unwrap_or_default();
    millis.saturating_mul(1_000_000)
}

/// 2 to the power of the bits that [`shard_of`] leaves.
const SHARDS: usize = 64;
/// A shard with as many buckets is rid of the full ones before it takes one more.
const MANY: usize = 256;
