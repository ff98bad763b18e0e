//! What a caller named, and perhaps the role behind it.

use super::error::Error;
use crate::authorize::{Permit, Resource};
use crate::identity::model::Role;
use crate::identity::{IamArn, IamKind};
use crate::tx::Tx;
use base::{AccountId, CommonError};
use policy::{Named, Rule};
use std::sync::Arc;

/// The role that an ARN means, whether or not it exists.
///
/// INVARIANT: a role that does not exist trusts nobody, so that it is refused in the words in which
/// a role that exists refuses, and nobody learns which of the two it was.
pub(crate) struct RoleTarget {
    arn: String,
    account: AccountId,
    found: Option<Arc<Role>>,
}

impl RoleTarget {
    /// Looks the role up, in whatever account it is.
    ///
    /// # Errors
    /// [`Error::NotARole`]; a failure of the store, or a trust policy that cannot be read.
    pub(crate) async fn find(tx: &mut Tx<'_>, arn: &str) -> Result<Self, Error> {
        let parsed = IamArn::parse(arn).filter(|parsed| parsed.kind == IamKind::Role);
        let parsed = parsed.ok_or(Error::NotARole)?;
        let account = parsed.account().ok_or(Error::NotARole)?;
        let found = tx.get::<Role>(&Role::key_of(&account, parsed.name)).await;
        let found = found
            .map_err(CommonError::from)?
            .map(|found| found.record)
            .filter(|role| role.arn() == arn);
        if let Some(role) = &found {
            role.trust.policy()?;
        }
        Ok(Self {
            arn: arn.to_owned(),
            account,
            found,
        })
    }

    /// The account in which the role is.
    pub(crate) fn account(&self) -> &AccountId {
        &self.account
    }

    /// As authorization sees it: nothing but the role's own trust policy can admit anybody.
    pub(crate) fn resource(&self) -> Resource<'_> {
        let role = self.found.as_deref();
        let trust = role.and_then(|role| role.trust.policy().ok());
        Resource {
            policy: trust.map(|policy| Named {
                name: TRUST_POLICY,
                policy,
            }),
            rule: Rule::ResourceRequired,
            tags: role.map(|role| &role.tags),
            hides_reason: true,
            ..Resource::named(&self.account, self.arn.clone())
        }
    }

    /// The role.
    ///
    /// # Errors
    /// [`CommonError::Internal`]: a role that does not exist permits nothing.
    pub(crate) fn existing(&self, _: &Permit) -> Result<&Role, CommonError> {
        let role = self.found.as_deref();
        role.ok_or_else(|| CommonError::internal("a role that does not exist was permitted"))
    }
}

/// What explanations call it.
pub(crate) const TRUST_POLICY: &str = "trust policy";
