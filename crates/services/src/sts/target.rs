//! What a caller named, and perhaps the role behind it.

use super::error::Error;
use crate::authorize::{Permit, Resource};
use crate::identity::model::Role;
use crate::tx::Tx;
use base::{AccountId, Arn, CommonError};
use policy::{Form, Named, Rule};
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
        let (account, name) = parts(arn).ok_or(Error::NotARole)?;
        let found = tx.get::<Role>(&Role::key_of(&account, name)).await;
        let found = found
            .map_err(CommonError::from)?
            .map(|found| found.record)
            .filter(|role| role.arn() == arn);
        if let Some(role) = &found {
            role.trust.policy(Form::Trust)?;
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
        let trust = role.and_then(|role| role.trust.policy(Form::Trust).ok());
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

/// Account and name in the ARN of a role; the path before the name may be anything.
fn parts(arn: &str) -> Option<(AccountId, &str)> {
    let parsed = Arn::parse(arn).ok()?;
    let account = AccountId::parse(&parsed.account).ok()?;
    let is_role = parsed.partition == "aws"
        && parsed.service == "iam"
        && parsed.region.is_empty()
        && parsed.resource.starts_with("role/");
    let name = arn.rsplit('/').next().filter(|name| !name.is_empty())?;
    is_role.then_some((account, name))
}

/// What explanations call it.
pub(crate) const TRUST_POLICY: &str = "trust policy";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_name_are_found_whatever_the_path() {
        let account = AccountId::parse("123456789012").unwrap();

        let plain = parts("arn:aws:iam::123456789012:role/reader");
        let deep = parts("arn:aws:iam::123456789012:role/a/b/reader");

        assert_eq!(plain, Some((account.clone(), "reader")));
        assert_eq!(deep, Some((account, "reader")));
    }

    #[test]
    fn other_arns_mean_no_role() {
        for arn in [
            "",
            "reader",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/a/",
            "arn:aws:iam::123456789012:rolereader",
            "arn:aws:iam::123456789012:user/reader",
            "arn:aws:iam::12345678901:role/reader",
            "arn:aws:iam:us-east-1:123456789012:role/reader",
            "arn:aws:sts::123456789012:assumed-role/reader/s",
            "arn:aws:sts::123456789012:role/reader",
            "arn:aws-cn:iam::123456789012:role/reader",
            "urn:aws:iam::123456789012:role/reader",
        ] {
            assert_eq!(parts(arn), None, "{arn}");
        }
    }
}
