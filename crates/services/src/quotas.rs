//! Quotas: how much an account may have, how large its things may be, and how often it may call.
//!
//! AWS's numbers are the defaults (behaviour reference §14). The operator may choose others for all
//! accounts, and others again for single ones.

use crate::throttle::{RateGroup, rate_groups};
use base::AccountId;
use std::collections::HashMap;
use std::num::NonZeroU32;

/// The quotas of every account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    usual: AccountQuotas,
    accounts: HashMap<AccountId, AccountQuotas>,
}

/// The quotas of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountQuotas {
    /// How much there may be of what.
    pub limits: Limits,
    /// How often it may call.
    pub rates: Rates,
}

/// How much there may be of what, in one account and Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Secrets, those scheduled for deletion included.
    pub secrets: i64,
    /// Bytes of a secret's value.
    pub value_bytes: usize,
    /// Versions of a secret in all, as far as the next two do not keep fewer.
    pub versions: usize,
    /// Versions without labels that stay, the newest of them.
    pub unlabelled_versions: usize,
    /// Hours for which versions without labels stay in any case.
    pub unlabelled_hours: u32,
    /// Staging labels over all versions of a secret.
    pub labels: usize,
    /// Characters of a secret's resource policy.
    pub resource_policy_characters: usize,
    /// Tags of a secret.
    pub tags: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            secrets: 500_000,
            value_bytes: 65_536,
            // COMPAT: AWS's hard number is unrecorded; this one only bounds what writing in a tight
            // loop can pile up inside the day in which nothing is pruned.
            versions: 1_000,
            unlabelled_versions: 100,
            unlabelled_hours: 24,
            labels: 20,
            resource_policy_characters: 20_480,
            tags: 50,
        }
    }
}

impl Limits {
    /// The greatest length of what the quota called `name` bounds, as constraints ask for it.
    pub(crate) fn length(&self, name: &str) -> Option<usize> {
        match name {
            VALUE_BYTES => Some(self.value_bytes),
            RESOURCE_POLICY_CHARACTERS => Some(self.resource_policy_characters),
            _ => None,
        }
    }
}

impl Quotas {
    /// The same quotas for every account.
    pub fn new(usual: AccountQuotas) -> Self {
        Self {
            usual,
            accounts: HashMap::new(),
        }
    }

    /// These limits for every account, and no account is throttled.
    pub fn unthrottled(limits: Limits) -> Self {
        Self::new(AccountQuotas {
            limits,
            rates: Rates::unlimited(),
        })
    }

    /// The same, with quotas of its own for `account`.
    #[must_use]
    pub fn with(mut self, account: AccountId, quotas: AccountQuotas) -> Self {
        self.accounts.insert(account, quotas);
        self
    }

    /// The quotas of `account`.
    pub fn of(&self, account: &AccountId) -> &AccountQuotas {
        // Nearly always there are none, and nothing is to be hashed.
        if self.accounts.is_empty() {
            return &self.usual;
        }
        self.accounts.get(account).unwrap_or(&self.usual)
    }

    /// The quotas of accounts that have none of their own.
    pub fn usual(&self) -> &AccountQuotas {
        &self.usual
    }

    /// The accounts with quotas of their own.
    pub fn accounts(&self) -> impl Iterator<Item = (&AccountId, &AccountQuotas)> {
        self.accounts.iter()
    }

    /// Whether nobody is throttled at all.
    pub(crate) fn throttle_nobody(&self) -> bool {
        let mut all = self.accounts.values().chain([&self.usual]);
        all.all(|quotas| quotas.rates == Rates::unlimited())
    }
}

/// How often one account may call the operations of each group in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates(Vec<Option<Rate>>);

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come in a second.
    pub per_second: NonZeroU32,
    /// Tokens that the full bucket holds.
    pub burst: NonZeroU32,
}

/// Why a rate cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no operation `{0}`: write it like `secretsmanager:GetSecretValue`")]
pub struct NoSuchOperation(String);

impl Rates {
    /// Every call is let through.
    pub fn unlimited() -> Self {
        Self(rate_groups().iter().map(|_| None).collect())
    }

    /// Sets the rate of the group that has `operation`, such as `secretsmanager:GetSecretValue`, and
    /// gives the group. `None`: its calls are all let through.
    ///
    /// # Errors
    /// When there is no such operation.
    pub fn set(
        &mut self,
        operation: &str,
        rate: Option<Rate>,
    ) -> Result<&'static RateGroup, NoSuchOperation> {
        let mut groups = rate_groups().iter().zip(&mut self.0);
        let found = groups.find(|(group, _)| group.has(operation));
        let (group, place) = found.ok_or_else(|| NoSuchOperation(operation.to_owned()))?;
        *place = rate;
        Ok(group)
    }

    /// The rate of every group.
    pub fn groups(&self) -> impl Iterator<Item = (&'static RateGroup, Option<Rate>)> {
        rate_groups().iter().zip(self.0.iter().copied())
    }

    /// The rate of the group with this number.
    pub(crate) fn of(&self, group: usize) -> Option<Rate> {
        self.0.get(group).copied().flatten()
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self(
            rate_groups()
                .iter()
                .map(|group| Some(Rate::with_a_second_of_burst(group.per_second)))
                .collect(),
        )
    }
}

impl Rate {
    /// So many in a second, of which all may come at once.
    pub fn with_a_second_of_burst(per_second: NonZeroU32) -> Self {
        Self {
            per_second,
            burst: per_second,
        }
    }
}

/// The quota of a secret's value.
pub(crate) const VALUE_BYTES: &str = "value_bytes";
/// The quota of a secret's resource policy.
pub(crate) const RESOURCE_POLICY_CHARACTERS: &str = "resource_policy_characters";

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str) -> AccountId {
        AccountId::parse(id).unwrap()
    }

    #[test]
    fn an_account_without_quotas_of_its_own_has_the_usual_ones() {
        let own = AccountQuotas {
            limits: Limits {
                secrets: 3,
                ..Limits::default()
            },
            rates: Rates::unlimited(),
        };

        let quotas = Quotas::default().with(account("111111111111"), own.clone());

        assert_eq!(quotas.of(&account("111111111111")), &own);
        assert_eq!(
            quotas.of(&account("222222222222")),
            &AccountQuotas::default()
        );
        assert!(!quotas.throttle_nobody());
        assert!(Quotas::unthrottled(Limits::default()).throttle_nobody());
    }

    #[test]
    fn a_rate_is_set_by_any_operation_of_its_group() {
        let rate = Rate::with_a_second_of_burst(NonZeroU32::MIN);
        let mut by_one = Rates::default();
        let mut by_the_other = Rates::default();

        let group = by_one.set("secretsmanager:GetSecretValue", Some(rate));
        let same = by_the_other.set("secretsmanager:DescribeSecret", Some(rate));

        assert_eq!(group.unwrap().operations, same.unwrap().operations);
        assert_eq!(by_one, by_the_other);
        let changed = by_one.groups().filter(|(_, found)| *found == Some(rate));
        assert_eq!(changed.count(), 1);
    }

    #[test]
    fn a_rate_of_no_operation_is_refused() {
        for name in ["GetSecretValue", "secretsmanager:Get", "s3:GetObject", ""] {
            let before = Rates::default();
            let mut rates = before.clone();

            let refused = rates.set(name, None);

            assert_eq!(refused.unwrap_err(), NoSuchOperation(name.to_owned()));
            assert_eq!(rates, before);
        }
    }
}
