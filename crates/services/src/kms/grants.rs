//! Grants: leave for one principal to do some things with one key.
//!
//! - A grant lets in its grantee on its own, whatever the key policy and IAM leave open; a denial
//!   in either still counts.
//! - INVARIANT: the key that a grant is on says that it has grants, so that keys without any cost
//!   no search.
//! - A grantee or retiring principal is bound to the unique id that it had when the grant was made.
//! - COMPAT: here a grant holds as soon as it is made, so a grant token gives no more than its grant.

use super::error::Error;
use super::model::KmsKey;
use crate::authorize::Permit;
use crate::document::ResourceDocument;
use crate::identity::{Identity, Principal};
use crate::ports::EncryptionContext;
use crate::stored::stored;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Column, Index, Key, Kind, Query, Record as _, Value, Versioned, key};

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The account of the key.
    pub(crate) account: AccountId,
    pub(crate) region: RegionName,
    pub(crate) key_id: String,
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) name: Option<String>,
    /// The ARN of the account that made it, `arn:aws:iam::<account>:root`.
    pub(crate) issuing_account: String,
    pub(crate) grantee: String,
    pub(crate) retiring: Option<Retiring>,
    /// In AWS's names, such as `GenerateDataKey`.
    pub(crate) operations: Vec<String>,
    pub(crate) constraints: Constraints,
    /// The grantee as a resource's policy would let it in, bound to its unique id.
    pub(crate) document: ResourceDocument,
}

/// Who may give a grant back beside its grantee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retiring {
    pub(crate) arn: String,
    /// As in [`Grant::document`].
    pub(crate) document: ResourceDocument,
}

/// In which encryption contexts a grant holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Constraints {
    /// The context is this one.
    pub(crate) equals: Option<BTreeMap<String, String>>,
    /// The context has all of these pairs.
    pub(crate) subset: Option<BTreeMap<String, String>>,
}

impl Constraints {
    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.equals.is_none() && self.subset.is_none()
    }

    /// Whether they admit `context`. Names and values are compared with their case.
    pub(crate) fn admit(&self, context: EncryptionContext<'_>) -> bool {
        let has = |(name, value): (&String, &String)| context.contains(&(name, value));
        let equals = self
            .equals
            .as_ref()
            .is_none_or(|wanted| wanted.len() == context.len() && wanted.iter().all(has));
        let subset = self.subset.as_ref();
        equals && subset.is_none_or(|wanted| wanted.iter().all(has))
    }
}

impl Grant {
    pub(crate) fn key_of(key: &KmsKey, id: &str) -> Key {
        key![&key.account, &key.region, &key.id, id]
    }

    /// What audit events and explanations call it.
    pub(crate) fn title(&self) -> String {
        ["grant ", &self.id].concat()
    }

    /// Whether it is for `action`, such as `kms:Decrypt`, in `context`.
    ///
    /// Constraints are about uses of the key with an encryption context; what has none, such as
    /// `DescribeKey`, they leave alone.
    pub(crate) fn is_for(&self, action: &str, context: Option<EncryptionContext<'_>>) -> bool {
        let operation = action.strip_prefix("kms:").unwrap_or(action);
        self.operations.iter().any(|one| one == operation)
            && context.is_none_or(|context| self.constraints.admit(context))
    }
}

/// At most `limit` grants on `key`, by id.
pub(crate) fn on(key: &KmsKey, limit: usize) -> Query {
    Query::primary(limit)
        .equal(&key.account)
        .equal(&key.region)
        .equal(&key.id)
}

/// At most `limit` grants on `key` to `grantee`.
pub(crate) fn to(key: &KmsKey, grantee: &str, limit: usize) -> Query {
    Query::on(BY_GRANTEE, limit)
        .equal(&key.account)
        .equal(&key.region)
        .equal(&key.id)
        .equal(grantee)
}

/// At most `limit` grants in a Region that `retiring` may give back.
pub(crate) fn retirable_by(retiring: &str, region: &RegionName, limit: usize) -> Query {
    Query::on(BY_RETIRING, limit).equal(retiring).equal(region)
}

/// Removes `grant`, and its place among those that a key can have.
pub(crate) fn remove(tx: &mut Tx<'_>, permit: &Permit, grant: &Versioned<Grant>) {
    let record = &grant.record;
    let counter = counter(&record.account, &record.region, &record.key_id);
    tx.count(permit, &counter, -1, None);
    tx.delete::<Grant>(permit, &record.key(), grant.rev);
}

/// The counter of the grants on a key.
pub(crate) fn counter(account: &AccountId, region: &RegionName, key_id: &str) -> String {
    format!("kms/grants/{account}/{region}/{key_id}")
}

/// Refuses what cannot be the id of a grant: 64 hexadecimal digits.
///
/// # Errors
/// [`Error::InvalidGrantId`].
pub(crate) fn check_id(id: &str) -> Result<(), Error> {
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err(Error::InvalidGrantId("The grant ID is invalid."))
    }
}

/// The grants on `key` that name `principal` in one way or another.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn naming(
    tx: &mut Tx<'_>,
    key: &KmsKey,
    principal: &Principal,
) -> Result<Vec<Arc<Grant>>, CommonError> {
    let mut found = Vec::new();
    if key.has_grants {
        for name in names(principal) {
            tx.every::<Grant>(to(key, &name, 0), |grant| found.push(grant))
                .await?;
        }
    }
    Ok(found)
}

/// The grants on `key` that `principal` may retire as one who is named for that.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn retirable_on(
    tx: &mut Tx<'_>,
    key: &KmsKey,
    principal: &Principal,
) -> Result<Vec<Arc<Grant>>, CommonError> {
    let mut found = Vec::new();
    let is_on_key = |grant: &Grant| (&grant.account, &grant.key_id) == (&key.account, &key.id);
    for name in names(principal) {
        tx.every::<Grant>(retirable_by(&name, &key.region, 0), |grant| {
            if is_on_key(&grant) {
                found.push(grant);
            }
        })
        .await?;
    }
    Ok(found)
}

/// The ARNs by which a grant can mean `principal`.
fn names(principal: &Principal) -> Vec<String> {
    let account = format!("arn:aws:iam::{}:root", principal.account());
    let mut names = vec![principal.arn().to_owned()];
    if let Identity::Role(role) = principal.identity() {
        names.push(role.arn());
    }
    if !names.contains(&account) {
        names.push(account);
    }
    names
}

/// The kind of [`Grant`].
pub(crate) static GRANT: Kind = Kind {
    name: "kms_grant",
    service: "kms",
    version: 1,
    key: &[
        Column::text("account"),
        Column::text("region"),
        Column::text("key_id"),
        Column::text("grant_id"),
    ],
    columns: &[Column::text("grantee"), Column::text("retiring")],
    indexes: &[
        Index {
            name: BY_GRANTEE,
            columns: &["account", "region", "key_id", "grantee"],
        },
        Index {
            name: BY_RETIRING,
            columns: &["retiring", "region"],
        },
    ],
    cached: true,
};

/// AWS's quota.
pub(crate) const MOST_ON_A_KEY: i64 = 50_000;
/// The grants on one key by grantee.
const BY_GRANTEE: &str = "by_grantee";
/// The grants that have a retiring principal, by that.
const BY_RETIRING: &str = "by_retiring";

stored!(
    Grant as GRANT,
    key: |grant| key![&grant.account, &grant.region, &grant.key_id, &grant.id],
    columns: |grant| {
        let retiring = grant.retiring.as_ref().map(|one| one.arn.as_str());
        vec![Value::from(&grant.grantee), Value::from(retiring)]
    },
    weight: |grant| {
        let retiring = grant.retiring.as_ref();
        let maps = [&grant.constraints.equals, &grant.constraints.subset];
        let pairs = maps.into_iter().flatten().flatten();
        grant.document.weight()
        + grant.grantee.len()
        + retiring.map_or(0, |one| one.arn.len() + one.document.weight())
        + grant
        .operations
        .iter()
        .map(|name| name.len() + 24)
        .sum::<usize>()
        + pairs
        .map(|(name, value)| name.len() + value.len() + 64)
        .sum::<usize>()
    }
);

#[cfg(test)]
mod tests;
