//! `[quotas]`: how much accounts may have, how large their things may be, how often they may call.
//!
//! What stands in `[quotas]` holds for every account; `[quotas.accounts.123456789012]` changes it for
//! one. What neither names is as AWS has it.

use base::AccountId;
use serde::Deserialize;
use services::{AccountQuotas, NoSuchOperation, Quotas, Rate, Rates};
use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};

/// `[quotas]` as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    // `flatten` and `deny_unknown_fields` do not go together, so the fields stand here twice.
    throttling: Option<bool>,
    secrets: Option<NonZeroU32>,
    value_bytes: Option<NonZeroU32>,
    versions: Option<NonZeroU16>,
    unlabelled_versions: Option<u16>,
    unlabelled_hours: Option<u32>,
    labels: Option<NonZeroU16>,
    resource_policy_characters: Option<NonZeroU32>,
    tags: Option<NonZeroU16>,
    rates: BTreeMap<String, RateSection>,
    accounts: BTreeMap<String, OfAccount>,
}

/// `[quotas.accounts.123456789012]` as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OfAccount {
    /// Whether calls beyond the rates are refused.
    throttling: Option<bool>,
    /// Secrets in one Region.
    secrets: Option<NonZeroU32>,
    /// Bytes of a secret's value.
    value_bytes: Option<NonZeroU32>,
    /// Versions of a secret.
    versions: Option<NonZeroU16>,
    /// Versions without labels that stay.
    unlabelled_versions: Option<u16>,
    /// Hours for which versions without labels stay in any case.
    unlabelled_hours: Option<u32>,
    /// Labels over all versions of a secret.
    labels: Option<NonZeroU16>,
    /// Characters of a resource policy.
    resource_policy_characters: Option<NonZeroU32>,
    /// Tags of a secret.
    tags: Option<NonZeroU16>,
    /// Calls in a second, by an operation of their group.
    rates: BTreeMap<String, RateSection>,
}

/// `50`, `{ per_second = 50, burst = 100 }` or `"unlimited"`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum RateSection {
    PerSecond(NonZeroU32),
    Bucket(BucketSection),
    Word(Unlimited),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketSection {
    per_second: NonZeroU32,
    burst: NonZeroU32,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unlimited {
    Unlimited,
}

/// Why `[quotas]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuotasError {
    /// Not an account.
    #[error("`quotas.accounts.{0}`: an account's number has 12 digits")]
    Account(String),
    /// A rate of nothing.
    #[error("`quotas.rates`")]
    Rate(#[from] NoSuchOperation),
    /// Two rates for one bucket.
    #[error("`quotas.rates`: `{0}` and `{1}` are counted together, so they have one rate")]
    SameGroup(String, String),
    /// More than can be handled.
    #[error("`quotas.{name}` may be at most {most}")]
    TooMuch {
        /// The quota.
        name: &'static str,
        /// The most.
        most: u64,
    },
    /// Nothing would ever be pruned, and secrets would be full for ever.
    #[error("`quotas.versions` must be more than `quotas.unlabelled_versions`, which is {0}")]
    Versions(usize),
    /// A value that no request could bring.
    #[error("with `quotas.value_bytes = {value}`, `limits.body_bytes` must be at least {body}")]
    Body {
        /// The quota.
        value: usize,
        /// What a request needs.
        body: u64,
    },
}

impl Section {
    /// As the services take it, given how large bodies may be.
    pub(super) fn resolve(self, body_bytes: NonZeroU32) -> Result<Quotas, QuotasError> {
        let (general, accounts) = self.split();
        let usual = general.over(&AccountQuotas::default(), body_bytes)?;
        let mut quotas = Quotas::new(usual.clone());
        for (number, own) in accounts {
            let account = AccountId::parse(&number).map_err(|_| QuotasError::Account(number))?;
            quotas = quotas.with(account, own.over(&usual, body_bytes)?);
        }
        Ok(quotas)
    }

    fn split(self) -> (OfAccount, BTreeMap<String, OfAccount>) {
        let general = OfAccount {
            throttling: self.throttling,
            secrets: self.secrets,
            value_bytes: self.value_bytes,
            versions: self.versions,
            unlabelled_versions: self.unlabelled_versions,
            unlabelled_hours: self.unlabelled_hours,
            labels: self.labels,
            resource_policy_characters: self.resource_policy_characters,
            tags: self.tags,
            rates: self.rates,
        };
        (general, self.accounts)
    }
}

impl OfAccount {
    /// `below` with what is said here.
    fn over(
        self,
        below: &AccountQuotas,
        body_bytes: NonZeroU32,
    ) -> Result<AccountQuotas, QuotasError> {
        self.check()?;
        let mut quotas = below.clone();
        let limits = &mut quotas.limits;
        set(&mut limits.secrets, self.secrets.map(|it| it.get().into()));
        set(&mut limits.value_bytes, self.value_bytes.map(wide));
        set(
            &mut limits.versions,
            self.versions.map(|it| it.get().into()),
        );
        let unlabelled = self.unlabelled_versions.map(usize::from);
        set(&mut limits.unlabelled_versions, unlabelled);
        set(&mut limits.unlabelled_hours, self.unlabelled_hours);
        set(&mut limits.labels, self.labels.map(|it| it.get().into()));
        let characters = self.resource_policy_characters.map(wide);
        set(&mut limits.resource_policy_characters, characters);
        set(&mut limits.tags, self.tags.map(|it| it.get().into()));
        if limits.versions <= limits.unlabelled_versions {
            return Err(QuotasError::Versions(limits.unlabelled_versions));
        }
        // A small body that goes with no chosen value is a bound on values that somebody wants.
        if self.value_bytes.is_some() {
            fits(limits.value_bytes, body_bytes)?;
        }
        quotas.rates = rates(self.throttling, self.rates, quotas.rates)?;
        Ok(quotas)
    }

    fn check(&self) -> Result<(), QuotasError> {
        let short = |it: Option<NonZeroU16>| it.map(|it| u64::from(it.get()));
        let long = |it: Option<NonZeroU32>| it.map(|it| u64::from(it.get()));
        let policy = long(self.resource_policy_characters);
        for (name, chosen, most) in [
            ("value_bytes", long(self.value_bytes), MOST_VALUE_BYTES),
            ("versions", short(self.versions), MOST_VERSIONS),
            ("labels", short(self.labels), MOST_LABELS),
            ("resource_policy_characters", policy, MOST_POLICY),
            ("tags", short(self.tags), MOST_TAGS),
        ] {
            if chosen.is_some_and(|chosen| chosen > most) {
                return Err(QuotasError::TooMuch { name, most });
            }
        }
        Ok(())
    }
}

fn set<T>(place: &mut T, chosen: Option<T>) {
    if let Some(chosen) = chosen {
        *place = chosen;
    }
}

fn wide(number: NonZeroU32) -> usize {
    usize::try_from(number.get()).unwrap_or(usize::MAX)
}

/// A value comes as base64 or as a JSON string, with other parameters beside it.
fn fits(value: usize, body_bytes: NonZeroU32) -> Result<(), QuotasError> {
    let body = value.saturating_mul(4).div_ceil(3).saturating_add(BESIDE);
    let body = u64::try_from(body).unwrap_or(u64::MAX);
    if u64::from(body_bytes.get()) < body {
        return Err(QuotasError::Body { value, body });
    }
    Ok(())
}

fn rates(
    throttling: Option<bool>,
    written: BTreeMap<String, RateSection>,
    below: Rates,
) -> Result<Rates, QuotasError> {
    let mut rates = match throttling {
        Some(false) => Rates::unlimited(),
        Some(true) if below == Rates::unlimited() => Rates::default(),
        _ => below,
    };
    let mut groups: Vec<(_, String)> = Vec::new();
    for (operation, rate) in written {
        let group = rates.set(&operation, rate.into())?;
        if let Some((_, other)) = groups.iter().find(|(known, _)| *known == group) {
            return Err(QuotasError::SameGroup(other.clone(), operation));
        }
        groups.push((group, operation));
    }
    Ok(rates)
}

impl From<RateSection> for Option<Rate> {
    fn from(written: RateSection) -> Self {
        match written {
            RateSection::PerSecond(rate) => Some(Rate::with_a_second_of_burst(rate)),
            RateSection::Bucket(BucketSection { per_second, burst }) => {
                Some(Rate { per_second, burst })
            }
            RateSection::Word(Unlimited::Unlimited) => None,
        }
    }
}

/// A value is in memory several times while a request is answered.
const MOST_VALUE_BYTES: u64 = 16 << 20;
/// What removes a secret reads all of them.
const MOST_VERSIONS: u64 = 10_000;
/// Labels, tags and policies are read with every request for their secret.
const MOST_LABELS: u64 = 1_000;
const MOST_TAGS: u64 = 1_000;
const MOST_POLICY: u64 = 256 << 10;
/// Bytes of a request beside the value.
const BESIDE: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use services::Limits;

    fn resolved(toml: &str) -> Result<Quotas, QuotasError> {
        let body = NonZeroU32::new(1 << 20).unwrap();
        toml::from_str::<Section>(toml).unwrap().resolve(body)
    }

    fn refused(toml: &str) -> String {
        crate::error::chain(&resolved(toml).unwrap_err())
    }

    fn of<'a>(quotas: &'a Quotas, account: &str) -> &'a AccountQuotas {
        quotas.of(&AccountId::parse(account).unwrap())
    }

    fn rate(of: &AccountQuotas, operation: &str) -> Option<(u32, u32)> {
        let mut groups = of.rates.groups();
        let (_, rate) = groups.find(|(group, _)| group.has(operation)).unwrap();
        rate.map(|rate| (rate.per_second.get(), rate.burst.get()))
    }

    #[test]
    fn with_nothing_said_they_are_those_of_aws() {
        assert_eq!(resolved("").unwrap(), Quotas::default());
    }

    #[test]
    fn an_account_has_what_holds_for_all_but_for_what_is_said_of_it() {
        let quotas = resolved(
            r#"
            secrets = 10
            value_bytes = 131072
            unlabelled_versions = 5
            unlabelled_hours = 1
            [rates]
            "secretsmanager:GetSecretValue" = 7
            "kms:Decrypt" = "unlimited"
            [accounts.111111111111]
            secrets = 20
            versions = 30
            labels = 40
            resource_policy_characters = 50
            tags = 60
            [accounts.111111111111.rates]
            "kms:Decrypt" = { per_second = 8, burst = 9 }
            "#,
        )
        .unwrap();

        let usual = of(&quotas, "222222222222");
        let own = of(&quotas, "111111111111");
        let expected = Limits {
            secrets: 10,
            value_bytes: 131_072,
            unlabelled_versions: 5,
            unlabelled_hours: 1,
            ..Limits::default()
        };
        assert_eq!(usual.limits, expected);
        assert_eq!(
            own.limits,
            Limits {
                secrets: 20,
                versions: 30,
                labels: 40,
                resource_policy_characters: 50,
                tags: 60,
                ..expected
            }
        );
        assert_eq!(rate(usual, "secretsmanager:DescribeSecret"), Some((7, 7)));
        assert_eq!(rate(usual, "kms:Decrypt"), None);
        assert_eq!(rate(own, "secretsmanager:DescribeSecret"), Some((7, 7)));
        assert_eq!(rate(own, "kms:Decrypt"), Some((8, 9)));
        assert_eq!(rate(own, "kms:CreateKey"), Some((5, 5)));
    }

    #[test]
    fn throttling_is_switched_off_and_for_one_account_on_again() {
        let quotas = resolved("throttling = false\n[accounts.111111111111]\nthrottling = true");
        let quotas = quotas.unwrap();

        assert_eq!(of(&quotas, "222222222222").rates, Rates::unlimited());
        assert_eq!(of(&quotas, "111111111111").rates, Rates::default());
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        for (toml, told) in [
            ("versions = 10001", "`quotas.versions` may be at most 10000"),
            (
                "versions = 100",
                "`quotas.versions` must be more than `quotas.unlabelled_versions`, which is 100",
            ),
            ("tags = 1001", "`quotas.tags` may be at most 1000"),
            (
                "value_bytes = 1048576",
                "with `quotas.value_bytes = 1048576`, `limits.body_bytes` must be at least 1414486",
            ),
            (
                "[accounts.12]",
                "`quotas.accounts.12`: an account's number has 12 digits",
            ),
            (
                "[rates]\n\"secretsmanager:Get\" = 1",
                "`quotas.rates`: there is no operation `secretsmanager:Get`: write it like \
                 `secretsmanager:GetSecretValue`",
            ),
            (
                "[rates]\n\"secretsmanager:DescribeSecret\" = 1\n\"secretsmanager:GetSecretValue\" = 2",
                "`quotas.rates`: `secretsmanager:DescribeSecret` and \
                 `secretsmanager:GetSecretValue` are counted together, so they have one rate",
            ),
        ] {
            assert_eq!(refused(toml), told);
        }
    }

    #[test]
    fn keys_and_numbers_that_are_not_understood_are_refused() {
        for toml in [
            "secret = 1",
            "secrets = 0",
            "[accounts.111111111111]\nvalue = 1",
            "[rates]\n\"kms:Decrypt\" = 0",
            "[rates]\n\"kms:Decrypt\" = \"none\"",
            "[rates]\n\"kms:Decrypt\" = { per_second = 1 }",
            "[rates]\n\"kms:Decrypt\" = { per_second = 1, burst = 1, speed = 1 }",
        ] {
            assert!(toml::from_str::<Section>(toml).is_err(), "{toml}");
        }
    }
}
