//! What an operation on an alias names, and perhaps the alias itself; and whether the caller may.
//!
//! An operation on an alias needs leave twice: for the alias, by IAM alone, and for the key.

use super::aliases::Alias;
use super::error::Error;
use super::key_id::{KeyId, is_alias_name};
use super::managed_key::ALIASES;
use super::model::{KmsKey, arn};
use super::target;
use crate::authorize::{Action, Permit, Resource};
use crate::cx::Cx;
use crate::tx::Tx;
use base::CommonError;
use store::Versioned;

/// An alias of the caller's account, whether or not it exists.
///
/// INVARIANT: whether it does is told only to holders of a [`Permit`].
pub(crate) struct AliasTarget {
    arn: String,
    found: Option<Versioned<Alias>>,
}

impl AliasTarget {
    /// The alias called `name`.
    ///
    /// # Errors
    /// [`Error::Validation`] for what is no name, [`Error::ReservedAlias`] for one of AWS's; a
    /// failure of the store.
    pub(crate) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, name: &str) -> Result<Self, Error> {
        check_name(name)?;
        let key = Alias::key_of(cx.account(), cx.region, name);
        Ok(Self {
            arn: arn(cx.region, cx.account(), name),
            found: tx.get::<Alias>(&key).await?,
        })
    }

    /// Asks whether the caller may do `action` to the alias.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(crate) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, CommonError> {
        let resource = Resource::named(cx.account(), self.arn.clone());
        cx.authorize_with(action, resource, &target::of_caller(cx))
    }

    /// The alias.
    ///
    /// # Errors
    /// [`Error::AliasNotFound`].
    pub(crate) fn existing(&self, _: &Permit) -> Result<&Versioned<Alias>, Error> {
        let found = self.found.as_ref();
        found.ok_or_else(|| Error::AliasNotFound(self.arn.clone()))
    }

    /// Refuses an alias that is there already.
    ///
    /// # Errors
    /// [`Error::AliasExists`].
    pub(crate) fn check_free(&self, _: &Permit) -> Result<(), Error> {
        match &self.found {
            Some(_) => Err(Error::AliasExists(self.arn.clone())),
            None => Ok(()),
        }
    }
}

/// Refuses an alias where a key is wanted.
///
/// # Errors
/// [`Error::Validation`].
pub(crate) fn check_target(cx: &Cx<'_>, sent: &str) -> Result<(), Error> {
    let id = KeyId::parse(sent, cx.account(), cx.region)?;
    match id.alias() {
        Some(_) => Err(Error::Validation(NO_ALIAS_OF_ALIASES.to_owned())),
        None => Ok(()),
    }
}

/// Notes in `key` that `name` means it.
///
/// # Errors
/// [`Error::LimitExceeded`].
pub(crate) fn attach(key: &mut KmsKey, name: &str) -> Result<(), Error> {
    if key.aliases.len() >= MOST_ALIASES {
        return Err(Error::LimitExceeded(TOO_MANY_ALIASES));
    }
    key.aliases.push(name.to_owned());
    Ok(())
}

/// Notes in `key` that `name` means it no longer.
pub(crate) fn detach(key: &mut KmsKey, name: &str) {
    key.aliases.retain(|one| one != name);
}

/// COMPAT: the texts are those that other implementations record of AWS.
fn check_name(name: &str) -> Result<(), Error> {
    if !name.starts_with("alias/") {
        return Err(Error::Validation(NO_PREFIX.to_owned()));
    }
    if name.starts_with(ALIASES) {
        return Err(Error::ReservedAlias);
    }
    if !is_alias_name(name) {
        let text = format!("{name} contains invalid characters for an alias");
        return Err(Error::Validation(text));
    }
    Ok(())
}

/// AWS's quota.
const MOST_ALIASES: usize = 50;
const TOO_MANY_ALIASES: &str = "The key has reached its limit of aliases.";
const NO_ALIAS_OF_ALIASES: &str = "Aliases must refer to keys. Not aliases";
const NO_PREFIX: &str = "Alias must start with the prefix \"alias/\". Please see \
                         https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
