//! Session policies: what a session may do at most, as its beginner says.

use super::error::Error;
use super::shapes::PolicyArn;
use crate::document::IdentityDocument;
use crate::identity::resolve_managed;
use crate::tx::Tx;
use base::AccountId;

/// What narrows a session.
#[derive(Default)]
pub(crate) struct Narrowing {
    /// A policy of its own.
    pub(crate) policy: Option<IdentityDocument>,
    /// Managed policies of the role's account, and of AWS.
    pub(crate) policy_arns: Vec<String>,
}

impl Narrowing {
    /// What a request says of it.
    ///
    /// # Errors
    /// [`Error::MalformedPolicy`], with the place; [`Error::PolicyNotFound`] for a policy without
    /// an ARN.
    pub(crate) fn parse(
        policy: Option<&str>,
        policy_arns: Option<&[PolicyArn]>,
    ) -> Result<Self, Error> {
        let policy = policy.map(IdentityDocument::parse);
        let policy = policy
            .transpose()
            .map_err(|problems| Error::MalformedPolicy(problems.to_string()))?;
        // SECURITY: to leave one out could leave the session as wide as the role is.
        let arn = |one: &PolicyArn| {
            let missing = || Error::PolicyNotFound(String::from("without an ARN"));
            one.arn.clone().ok_or_else(missing)
        };
        let arns = policy_arns.unwrap_or_default().iter().map(arn);
        Ok(Self {
            policy,
            policy_arns: arns.collect::<Result<_, _>>()?,
        })
    }

    /// The same, once it is sure that the managed policies are there for `account`.
    ///
    /// # Errors
    /// [`Error::PolicyNotFound`]; a failure of the store.
    pub(crate) async fn existing(
        self,
        tx: &mut Tx<'_>,
        account: &AccountId,
    ) -> Result<Self, Error> {
        for arn in &self.policy_arns {
            if resolve_managed(tx, account, arn).await?.is_none() {
                return Err(Error::PolicyNotFound(arn.clone()));
            }
        }
        Ok(self)
    }
}
