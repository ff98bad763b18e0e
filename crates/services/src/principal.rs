//! Who calls: an account and the identity inside it.

use base::AccountId;

/// An authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    account: AccountId,
    identity: Identity,
}

/// Which identity of the account calls. Users, roles and sessions join here with IAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Identity {
    Root,
}

impl Principal {
    /// The root of `account`: may do everything in its own account.
    pub fn root(account: AccountId) -> Self {
        Self {
            account,
            identity: Identity::Root,
        }
    }

    /// The account that the caller belongs to.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The caller's ARN, such as `arn:aws:iam::123456789012:root`.
    pub fn arn(&self) -> String {
        match self.identity {
            Identity::Root => format!("arn:aws:iam::{}:root", self.account),
        }
    }

    /// The unique id that AWS gives to the caller; for root, the account's number.
    pub fn id(&self) -> String {
        match self.identity {
            Identity::Root => self.account.to_string(),
        }
    }

    /// The `userIdentity.type` of CloudTrail.
    pub fn kind(&self) -> &'static str {
        match self.identity {
            Identity::Root => "Root",
        }
    }

    /// Whether the caller is the root of `account`.
    pub(crate) fn is_root_of(&self, account: &AccountId) -> bool {
        matches!(self.identity, Identity::Root) && self.account == *account
    }
}
