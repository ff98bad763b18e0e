//! Connections and API destinations that a caller named, and perhaps what is behind the names.
//!
//! COMPAT: policies know both by the ARNs that AWS shows, name and id. Who names one that is not there asks
//! about `name/*`, and who makes one about the id that it would have.

use super::error::Error;
use super::records::{ApiDestination, Connection, named_by};
use crate::authorize::{Action, Permit, Resource};
use crate::cx::Cx;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName};
use std::sync::Arc;
use store::{Key, Query, Record, Versioned, key};

/// What an account has by name in a Region.
pub(super) trait Holding: Record {
    /// What its ARN calls it.
    const WHAT: &'static str;
    /// How many of them an account may have in a Region: AWS's quota.
    const MOST: u16 = 3_000;

    /// Its name.
    fn name(&self) -> &str;

    /// What tells it from one that had the name before.
    fn id(&self) -> &str;

    /// Its ARN.
    fn arn(&self) -> String;

    /// That there is none of this name.
    fn missing(name: &str) -> Error;

    /// That there is one of this name.
    fn exists(name: &str) -> Error;
}

impl Holding for Connection {
    const WHAT: &'static str = "connection";

    fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn arn(&self) -> String {
        arn::<Self>(&self.account, &self.region, &self.name, &self.id)
    }

    fn missing(name: &str) -> Error {
        Error::NoSuchConnection(name.to_owned())
    }

    fn exists(name: &str) -> Error {
        Error::AlreadyExists(format!("Connection {name} already exists."))
    }
}

impl Holding for ApiDestination {
    const WHAT: &'static str = "api-destination";

    fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn arn(&self) -> String {
        arn::<Self>(&self.account, &self.region, &self.name, &self.id)
    }

    fn missing(name: &str) -> Error {
        Error::NoSuchApiDestination(name.to_owned())
    }

    fn exists(name: &str) -> Error {
        Error::AlreadyExists(format!("An api-destination '{name}' already exists."))
    }
}

/// The ARN of one.
pub(super) fn arn<R: Holding>(
    account: &AccountId,
    region: &RegionName,
    name: &str,
    id: &str,
) -> String {
    let (partition, what) = (region.partition(), R::WHAT);
    format!("arn:{partition}:events:{region}:{account}:{what}/{name}/{id}")
}

/// The key of one.
pub(super) fn key_of(account: &AccountId, region: &RegionName, name: &str) -> Key {
    key![account, region, name]
}

/// The counter of those of an account in a Region.
pub(super) fn counter<R: Holding>(account: &AccountId, region: &RegionName) -> String {
    format!("events/{}/{account}/{region}", R::WHAT)
}

/// Those of an account in a Region whose names begin with `prefix`, in the order of their names.
pub(super) fn of_account<R: Holding>(
    account: &AccountId,
    region: &RegionName,
    prefix: &str,
) -> Query {
    let query = Query::primary(usize::from(R::MOST))
        .equal(account)
        .equal(region);
    match prefix.is_empty() {
        true => query,
        false => query.starting_with(prefix),
    }
}

/// The one that `arn` means, if it is there and of this account and Region.
///
/// # Errors
/// A failure of the store.
pub(super) async fn by_arn<R: Holding>(
    tx: &mut Tx<'_>,
    account: &AccountId,
    region: &RegionName,
    arn: &str,
) -> Result<Option<Arc<R>>, CommonError> {
    let Some((name, id)) = named_by(arn, R::WHAT, account, region) else {
        return Ok(None);
    };
    let found = tx.get::<R>(&key_of(account, region, name)).await?;
    let found = found.map(|found| found.record);
    Ok(found.filter(|one| one.id() == id))
}

/// What a name means, whether or not it is there.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct Held<'a, R> {
    account: &'a AccountId,
    region: &'a RegionName,
    name: String,
    found: Option<Versioned<R>>,
}

impl<'a, R: Holding> Held<'a, R> {
    /// Looks up what the caller's account calls `name`.
    ///
    /// # Errors
    /// A failure of the store.
    pub(super) async fn find(cx: &Cx<'a>, tx: &mut Tx<'_>, name: &str) -> Result<Self, Error> {
        Ok(Self {
            account: cx.account(),
            region: cx.region,
            name: name.to_owned(),
            found: tx.get(&key_of(cx.account(), cx.region, name)).await?,
        })
    }

    /// Asks whether the caller may do `action` to it.
    ///
    /// # Errors
    /// The refusal in AWS's words.
    pub(super) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, Error> {
        self.permit_as(cx, action, "*")
    }

    /// The same question, about one that has this id if there is none yet.
    ///
    /// # Errors
    /// As [`Held::permit`].
    pub(super) fn permit_as(&self, cx: &Cx<'_>, action: Action, id: &str) -> Result<Permit, Error> {
        let id = self.found.as_ref().map_or(id, |found| found.record.id());
        let arn = arn::<R>(self.account, self.region, &self.name, id);
        Ok(cx.authorize(action, Resource::named(self.account, arn))?)
    }

    /// The one that is there.
    ///
    /// # Errors
    /// That there is none.
    pub(super) fn existing(&self, _: &Permit) -> Result<&Versioned<R>, Error> {
        self.found.as_ref().ok_or_else(|| R::missing(&self.name))
    }

    /// Checks that there is none.
    ///
    /// # Errors
    /// That there is one.
    pub(super) fn absent(&self, _: &Permit) -> Result<(), Error> {
        match &self.found {
            Some(_) => Err(R::exists(&self.name)),
            None => Ok(()),
        }
    }
}
