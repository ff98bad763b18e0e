//! How stacks and change sets are stored.

use super::model::{ChangeSet, Stack};
use crate::stored::stored;
use base::{AccountId, RegionName, Timestamp};
use std::ops::Bound;
use store::{Column, Index, Key, Kind, Query, key};

/// The kind of [`Stack`]. Not cached: properties are not to stay in memory.
pub(crate) static STACK: Kind = Kind {
    name: "cloudformation_stack",
    service: "cloudformation",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("stack"),
        Column::text("id"),
    ],
    columns: &[Column::int("live"), Column::int("forgotten")],
    indexes: &[
        Index {
            name: BY_NAME,
            columns: &["account", "region", "live", "stack"],
        },
        Index {
            name: BY_FORGETTING,
            columns: &["forgotten"],
        },
    ],
    cached: false,
};

/// The kind of [`ChangeSet`].
pub(crate) static CHANGE_SET: Kind = Kind {
    name: "cloudformation_change_set",
    service: "cloudformation",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("id"),
    ],
    columns: &[Column::text("stack_id")],
    indexes: &[Index {
        name: BY_STACK,
        columns: &["account", "region", "stack_id"],
    }],
    cached: false,
};

impl Stack {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, name: &str, id: &str) -> Key {
        key![account, region, name, id]
    }

    /// The stack that a name means.
    pub(crate) fn called(account: &AccountId, region: &RegionName, name: &str) -> Query {
        Self::live(account, region).equal(name).with_limit(1)
    }

    /// The counter of an account's stacks in a Region, those that are deleted left out.
    pub(crate) fn counter(account: &AccountId, region: &RegionName) -> String {
        format!("cloudformation/stacks/{account}/{region}")
    }

    /// The stacks that are not deleted, by their names.
    pub(crate) fn live(account: &AccountId, region: &RegionName) -> Query {
        Query::on(BY_NAME, 1)
            .equal(account)
            .equal(region)
            .equal(LIVE)
    }

    /// Every stack that is remembered, by their names.
    pub(crate) fn all(account: &AccountId, region: &RegionName) -> Query {
        Query::primary(1).equal(account).equal(region)
    }

    /// Stacks that were deleted so long before `now` that they are to be forgotten.
    pub(crate) fn to_forget(now: Timestamp) -> Query {
        Query::on(BY_FORGETTING, 1).to(Bound::Included(now.as_millis()))
    }

    /// When it is to be forgotten.
    pub(crate) fn forgotten(&self) -> Option<i64> {
        let deleted = self.deleted?.as_millis();
        Some(deleted.saturating_add(REMEMBERED_DAYS * MILLIS_PER_DAY))
    }
}

impl ChangeSet {
    pub(crate) fn key_of(account: &AccountId, region: &RegionName, id: &str) -> Key {
        key![account, region, id]
    }

    /// The change sets of a stack.
    pub(crate) fn of_stack(stack: &Stack) -> Query {
        Query::on(BY_STACK, MOST_CHANGE_SETS)
            .equal(&stack.account)
            .equal(&stack.region)
            .equal(stack.id.as_str())
    }
}

stored!(
    Stack as STACK,
    key: |stack| Stack::key_of(&stack.account, &stack.region, &stack.name, &stack.id),
    columns: |stack| {
        let live = stack.is_live().then_some(LIVE);
        vec![live.into(), stack.forgotten().into()]
    },
    weight: |stack| stack.definition.template.len()
);

stored!(
    ChangeSet as CHANGE_SET,
    key: |set| ChangeSet::key_of(&set.account, &set.region, &set.id),
    columns: |set| vec![set.stack_id.as_str().into()],
    weight: |set| set.definition.template.len()
);

/// How many change sets a stack may have at once.
///
/// COMPAT: AWS's quota is higher; those of one stack are read together here.
pub(crate) const MOST_CHANGE_SETS: usize = 100;
/// How many stacks an account may have in a Region, as AWS's quota has it.
pub(crate) const MOST_STACKS: i64 = 2_000;
/// As on AWS.
const REMEMBERED_DAYS: i64 = 90;
const MILLIS_PER_DAY: i64 = 86_400_000;
const LIVE: i64 = 1;
const BY_NAME: &str = "by_name";
const BY_FORGETTING: &str = "by_forgetting";
const BY_STACK: &str = "by_stack";

#[cfg(test)]
mod tests;
