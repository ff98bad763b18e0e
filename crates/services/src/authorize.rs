//! The one place that decides whether a caller may act, and the proof that it did.
//!
//! INVARIANT: a [`Permit`] is made only here. Whatever writes a record, opens a value, or tells
//! whether a secret exists takes one, so an operation that forgot to authorize does not compile.

use crate::principal::Principal;
use base::{AccountId, CommonError};

/// The IAM action that an operation needs, such as `secretsmanager:GetSecretValue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action(pub &'static str);

/// What an action is done to, as far as authorization needs to know it.
pub struct Resource<'a> {
    /// The account whose resource it is. `None` when it lies outside what this endpoint serves
    /// (an ARN of another Region): then nobody may.
    pub owner: Option<&'a AccountId>,
    /// How the denial names it: the full ARN of a resource that exists, else the identifier as
    /// it was sent (behaviour reference §1.6). `None` for actions that have no resource.
    pub name: Option<String>,
}

/// Proof that the caller may do this one action to this one resource.
#[derive(Debug)]
pub struct Permit {
    resource: Option<String>,
    resource_account: Option<AccountId>,
}

impl Permit {
    /// For work of a service's own: nobody calls, so nobody is to be asked.
    pub(crate) fn for_service() -> Self {
        Self {
            resource: None,
            resource_account: None,
        }
    }

    /// The resource's name as the audit record shows it.
    pub(crate) fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// The account that owns the resource.
    pub(crate) fn resource_account(&self) -> Option<&AccountId> {
        self.resource_account.as_ref()
    }
}

/// Decides. For now the policy is one sentence: the root of the owning account may do everything.
///
/// # Errors
/// [`CommonError::AccessDenied`] with AWS's text.
pub(crate) fn authorize(
    principal: &Principal,
    action: Action,
    resource: Resource<'_>,
) -> Result<Permit, CommonError> {
    match resource.owner {
        Some(owner) if principal.is_root_of(owner) => Ok(Permit {
            resource: resource.name,
            resource_account: Some(owner.clone()),
        }),
        _ => Err(CommonError::AccessDenied(denial(
            principal, action, &resource,
        ))),
    }
}

/// The text of a denial. Root of another account is always refused by the owner's side, so the
/// reason is the missing resource-based policy.
fn denial(principal: &Principal, Action(action): Action, resource: &Resource<'_>) -> String {
    let on_resource = resource
        .name
        .as_ref()
        .map(|name| format!(" on resource: {name}"))
        .unwrap_or_default();
    format!(
        "User: {} is not authorized to perform: {action}{on_resource} because no resource-based \
         policy allows the {action} action",
        principal.arn()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(digits: &str) -> AccountId {
        AccountId::parse(digits).unwrap()
    }

    #[test]
    fn root_may_act_in_its_own_account() {
        let owner = account("111122223333");
        let resource = Resource {
            owner: Some(&owner),
            name: Some("arn:x".into()),
        };

        let permit = authorize(&Principal::root(owner.clone()), Action("a:B"), resource).unwrap();

        assert_eq!(permit.resource(), Some("arn:x"));
        assert_eq!(permit.resource_account(), Some(&owner));
    }

    #[test]
    fn root_of_another_account_is_denied_in_aws_words() {
        let owner = account("111122223333");
        let resource = Resource {
            owner: Some(&owner),
            name: Some("arn:x".into()),
        };

        let denied = authorize(
            &Principal::root(account("999999999999")),
            Action("a:B"),
            resource,
        );

        assert_eq!(
            denied.unwrap_err().to_string(),
            "User: arn:aws:iam::999999999999:root is not authorized to perform: a:B on resource: \
             arn:x because no resource-based policy allows the a:B action"
        );
    }

    #[test]
    fn a_resource_of_nobody_is_denied_to_everybody() {
        let owner = account("111122223333");
        let resource = Resource {
            owner: None,
            name: None,
        };

        let denied = authorize(&Principal::root(owner), Action("a:B"), resource);

        assert_eq!(
            denied.unwrap_err().to_string(),
            "User: arn:aws:iam::111122223333:root is not authorized to perform: a:B because no \
             resource-based policy allows the a:B action"
        );
    }
}
