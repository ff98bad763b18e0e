use super::*;
use crate::quotas::{AccountQuotas, Limits, Rate, Rates};
use std::num::NonZeroU32;

struct World {
    throttle: Throttle,
    quotas: Quotas,
}

impl World {
    fn with(quotas: Quotas) -> Self {
        let regions = [region("us-east-1"), region("eu-west-1")];
        Self {
            throttle: Throttle::new(&quotas, regions.iter()),
            quotas,
        }
    }

    fn taken(&self, account: &str, region_name: &str, operation: &str, now: i64) -> usize {
        let service = &crate::secretsmanager::SERVICE;
        let entry = service.find(operation).unwrap();
        let (account, region) = (AccountId::parse(account).unwrap(), region(region_name));
        let now = Timestamp::from_millis(now);
        let caller = (&account, Some(&region));
        let take = || {
            self.throttle
                .take(&self.quotas, caller, (service, entry), now)
        };
        (0..1_000).filter(|_| take().is_ok()).count()
    }
}

fn region(name: &str) -> RegionName {
    RegionName::parse(name).unwrap()
}

#[test]
fn each_account_region_and_group_has_a_bucket_of_its_own() {
    let world = World::with(Quotas::default());

    assert_eq!(world.taken(ONE, "us-east-1", "CreateSecret", NOW), 50);
    assert_eq!(world.taken(ONE, "us-east-1", "CreateSecret", NOW), 0);
    assert_eq!(world.taken(ONE, "us-east-1", "DeleteSecret", NOW), 50);
    assert_eq!(world.taken(ONE, "eu-west-1", "CreateSecret", NOW), 50);
    assert_eq!(world.taken(OTHER, "us-east-1", "CreateSecret", NOW), 50);
}

#[test]
fn operations_of_one_group_share_a_bucket() {
    let world = World::with(Quotas::default());

    assert_eq!(world.taken(ONE, "us-east-1", "PutSecretValue", NOW), 50);
    assert_eq!(world.taken(ONE, "us-east-1", "UpdateSecret", NOW), 0);
    assert_eq!(world.taken(ONE, "us-east-1", "UpdateSecret", NOW + 100), 5);
}

#[test]
fn an_account_has_the_rates_that_were_given_to_it() {
    let two = NonZeroU32::new(2).unwrap();
    let mut rates = Rates::default();
    let rate = Rate::with_a_second_of_burst(two);
    rates
        .set("secretsmanager:CreateSecret", Some(rate))
        .unwrap();
    rates.set("secretsmanager:DeleteSecret", None).unwrap();
    let own = AccountQuotas {
        rates,
        ..AccountQuotas::default()
    };
    let account = AccountId::parse(ONE).unwrap();
    let world = World::with(Quotas::default().with(account, own));

    assert_eq!(world.taken(ONE, "us-east-1", "CreateSecret", NOW), 2);
    assert_eq!(world.taken(ONE, "us-east-1", "DeleteSecret", NOW), 1_000);
    assert_eq!(world.taken(OTHER, "us-east-1", "CreateSecret", NOW), 50);
}

#[test]
fn without_any_rate_no_bucket_is_kept() {
    let world = World::with(Quotas::unthrottled(Limits::default()));

    assert_eq!(world.taken(ONE, "us-east-1", "CreateSecret", NOW), 1_000);
    assert_eq!(world.throttle.buckets(), 0);
}

#[test]
fn buckets_that_nobody_uses_are_thrown_away() {
    let world = World::with(Quotas::default());
    let service = &crate::secretsmanager::SERVICE;
    let entry = service.find("GetSecretValue").unwrap();
    let region = region("us-east-1");

    for number in 0..100_000_i64 {
        let account = AccountId::parse(&format!("{number:012}")).unwrap();
        let now = Timestamp::from_millis(NOW + number);
        let caller = (&account, Some(&region));
        let took = world
            .throttle
            .take(&world.quotas, caller, (service, entry), now);
        assert_eq!(took, Ok(()));
    }

    assert!(world.throttle.buckets() <= SHARDS * MANY);
}

#[test]
fn keys_of_different_buckets_differ() {
    let least = AccountId::parse("000000000000").unwrap();
    let most = AccountId::parse("999999999999").unwrap();
    let mut keys = Vec::new();

    for account in [&least, &most] {
        for region in [0, 1, 0xfff] {
            for group in [0, 1, 0xfff] {
                keys.push(key(account, region, group));
            }
        }
    }

    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all);
    assert!(keys.iter().all(|key| shard_of(*key) < SHARDS));
}

const ONE: &str = "111111111111";
const OTHER: &str = "222222222222";
const NOW: i64 = 1_768_478_400_000;
