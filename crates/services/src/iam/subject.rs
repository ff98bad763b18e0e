//! Whom a request is about that may leave the user's name out: then it is about its caller.

use super::error::Error;
use super::target::Target;
use crate::authorize::{Permit, Resource};
use crate::cx::Cx;
use crate::identity::Identity;
use crate::identity::model::{AccessKey, Account, User};
use crate::tx::Tx;
use base::{AccountId, CommonError};
use store::Versioned;

/// A user, the caller's root, or a caller who is neither.
pub(crate) enum Subject<'a> {
    User(Target<User>),
    Root(&'a AccountId),
    /// A session of a role, by its ARN.
    Session(&'a AccountId, &'a str),
}

/// A [`Subject`] that is there.
pub(crate) enum Existing<'a> {
    User(&'a Versioned<User>),
    Root,
}

impl<'a> Subject<'a> {
    /// The user called `name`; without a name, the caller.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn find(
        cx: &Cx<'a>,
        tx: &mut Tx<'_>,
        name: Option<&str>,
    ) -> Result<Self, Error> {
        let name = match (name, cx.principal.identity()) {
            (Some(name), _) => name,
            (None, Identity::User(user)) => &user.name,
            (None, Identity::Root) => return Ok(Self::Root(cx.account())),
            (None, Identity::Role(_)) => {
                return Ok(Self::Session(cx.account(), cx.principal.arn()));
            }
        };
        Target::find(cx, tx, name).await.map(Self::User)
    }

    /// Whose access key `key` is: a user or the root of the caller's account.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn owner(
        cx: &Cx<'a>,
        tx: &mut Tx<'_>,
        key: &AccessKey,
    ) -> Result<Self, Error> {
        match &key.user {
            Some(name) => Target::find(cx, tx, name).await.map(Self::User),
            None => Ok(Self::Root(cx.account())),
        }
    }

    /// As authorization sees it.
    pub(crate) fn resource(&self) -> Resource<'_> {
        match self {
            Self::User(target) => target.resource(),
            Self::Root(account) => Resource::named(account, root_arn(account)),
            Self::Session(account, arn) => Resource::named(account, (*arn).to_owned()),
        }
    }

    /// The user or root.
    ///
    /// # Errors
    /// [`Error::NoSuchEntity`]; [`Error::UserNotNamed`] for a session of a role, which has no name
    /// to be meant by.
    pub(crate) fn existing(&self, permit: &Permit) -> Result<Existing<'_>, Error> {
        match self {
            Self::User(target) => target.existing(permit).map(Existing::User),
            Self::Root(_) => Ok(Existing::Root),
            Self::Session(..) => Err(Error::UserNotNamed),
        }
    }
}

impl Existing<'_> {
    /// The user's name; a root has none.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::User(user) => Some(&user.record.name),
            Self::Root => None,
        }
    }

    /// The ids of the access keys, oldest first.
    ///
    /// # Errors
    /// A failure of the store.
    pub(crate) async fn access_keys(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
    ) -> Result<Vec<String>, Error> {
        match self {
            Self::User(user) => Ok(user.record.access_keys.clone()),
            Self::Root => Ok(vec![
                account(cx, tx).await?.record.root_access_key_id.clone(),
            ]),
        }
    }
}

/// The record of the caller's account.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn account(cx: &Cx<'_>, tx: &mut Tx<'_>) -> Result<Versioned<Account>, Error> {
    let found = tx.get::<Account>(&Account::key_of(cx.account())).await;
    let found = found.map_err(CommonError::from)?;
    found.ok_or_else(|| CommonError::internal("a caller of no account").into())
}

fn root_arn(account: &AccountId) -> String {
    format!("arn:aws:iam::{account}:root")
}
