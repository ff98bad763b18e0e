use super::bucket::Bucket;
use crate::quotas::Rate;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

/// The buckets of calls that need no signature: one for each address, and one for all of them.
///
/// SECURITY: an address that has no token takes none of the common ones, so one sender alone cannot keep the
/// others out. The table is bounded: addresses beyond it have the common bucket only.
pub(super) struct Unsigned {
    all: Bucket,
    addresses: Mutex<HashMap<u128, Bucket>>,
}

impl Unsigned {
    /// With every bucket full.
    pub(super) fn new() -> Self {
        Self {
            all: bucket(PER_SECOND),
            addresses: Mutex::default(),
        }
    }

    /// Takes a token at `now`. Errors with the time after which there is one.
    pub(super) fn take(&self, address: IpAddr, now: u64) -> Result<(), Duration> {
        self.take_own(sender(address), now)?;
        self.all.take(now)
    }

    fn take_own(&self, sender: u128, now: u64) -> Result<(), Duration> {
        let mut addresses = self.addresses.lock();
        if addresses.len() >= MANY && !addresses.contains_key(&sender) {
            addresses.retain(|_, bucket| !bucket.is_full(now));
            if addresses.len() >= MANY {
                return Ok(());
            }
        }
        let own = addresses.entry(sender);
        own.or_insert_with(|| bucket(PER_SECOND_OF_ONE)).take(now)
    }
}

/// Who sends from `address`: of IPv6 a whole network, as one sender has all of its addresses.
fn sender(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address) & NETWORK,
    }
}

fn bucket(per_second: NonZeroU32) -> Bucket {
    Bucket::full(Some(Rate::with_a_second_of_burst(per_second)))
}

/// As many as STS takes of an account.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(600).unwrap();
/// Some, as many may come by one gateway.
const PER_SECOND_OF_ONE: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// Addresses that are kept before the full buckets are thrown away.
const MANY: usize = 4_096;
/// The first 64 bits.
const NETWORK: u128 = u128::MAX << 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(unsigned: &Unsigned, address: &str, now: u64) -> usize {
        let address = address.parse().unwrap();
        let tries = 0..1_000;
        tries
            .filter(|_| unsigned.take(address, now).is_ok())
            .count()
    }

    #[test]
    fn an_address_has_a_hundred_tokens_and_gets_them_back() {
        let unsigned = Unsigned::new();

        assert_eq!(taken(&unsigned, "192.0.2.1", NOW), 100);
        assert_eq!(taken(&unsigned, "::ffff:192.0.2.1", NOW), 0);
        assert_eq!(taken(&unsigned, "192.0.2.2", NOW), 100);
        assert_eq!(taken(&unsigned, "192.0.2.1", NOW + SECOND / 2), 50);
    }

    #[test]
    fn a_network_is_one_sender() {
        let unsigned = Unsigned::new();

        assert_eq!(taken(&unsigned, "2001:db8::1", NOW), 100);
        assert_eq!(taken(&unsigned, "2001:db8::2:1", NOW), 0);
        assert_eq!(taken(&unsigned, "2001:db8:0:1::1", NOW), 100);
    }

    #[test]
    fn all_addresses_together_have_a_bound() {
        let unsigned = Unsigned::new();

        let taken = (0..20).map(|n| taken(&unsigned, &format!("192.0.2.{n}"), NOW));

        assert_eq!(taken.sum::<usize>(), 600);
    }

    #[test]
    fn the_table_does_not_grow_beyond_its_bound() {
        let unsigned = Unsigned::new();
        for n in 0..10_000_u32 {
            let _ = unsigned.take(IpAddr::V4(n.into()), NOW);
        }

        let at_once = unsigned.addresses.lock().len();
        unsigned
            .take("192.0.2.1".parse().unwrap(), NOW + 60 * SECOND)
            .unwrap();

        assert_eq!(at_once, MANY);
        assert_eq!(unsigned.addresses.lock().len(), 1);
    }

    const SECOND: u64 = 1_000_000_000;
    const NOW: u64 = 1_768_478_400 * SECOND;
}
