//! IAM's quotas, AWS's by default (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).

use crate::authorize::Permit;
use crate::cx::Cx;
use crate::tx::Tx;

/// How many of one kind an account may have. Counted as they come and go.
pub(crate) struct Quota {
    counter: &'static str,
    most: i64,
}

/// Users of an account.
pub(crate) static USERS: Quota = Quota {
    counter: "users",
    most: 5_000,
};
/// Groups of an account.
pub(crate) static GROUPS: Quota = Quota {
    counter: "groups",
    most: 300,
};
/// Roles of an account; AWS's highest quota.
pub(crate) static ROLES: Quota = Quota {
    counter: "roles",
    most: 5_000,
};
/// Customer managed policies of an account; AWS's highest quota.
pub(crate) static POLICIES: Quota = Quota {
    counter: "policies",
    most: 5_000,
};
/// OpenID Connect providers of an account; AWS's highest quota.
pub(crate) static OIDC_PROVIDERS: Quota = Quota {
    counter: "oidc-providers",
    most: 700,
};

/// Managed policies attached to one identity.
pub(crate) const ATTACHED: usize = 20;
/// Groups that one user is in.
pub(crate) const GROUPS_OF_USER: usize = 10;
/// Access keys of one user.
pub(crate) const ACCESS_KEYS: usize = 2;
/// Versions of one managed policy.
pub(crate) const POLICY_VERSIONS: usize = 5;

impl Quota {
    /// Takes one more. The commit is refused with `LimitExceeded` when there is none left.
    pub(crate) fn take_one(&self, cx: &Cx<'_>, tx: &mut Tx<'_>, permit: &Permit) {
        tx.count(permit, &self.name(cx), 1, Some(self.most));
    }

    /// Gives one back.
    pub(crate) fn give_back(&self, cx: &Cx<'_>, tx: &mut Tx<'_>, permit: &Permit) {
        tx.count(permit, &self.name(cx), -1, None);
    }

    /// How many there may be.
    pub(crate) fn most(&self) -> i64 {
        self.most
    }

    fn name(&self, cx: &Cx<'_>) -> String {
        format!("iam/{}/{}", self.counter, cx.account())
    }
}
