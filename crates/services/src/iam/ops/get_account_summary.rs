//! `GetAccountSummary`: how much there is of each kind, and how much there may be.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::Grantee;
use crate::iam::limits::{
    ACCESS_KEYS, ATTACHED, GROUPS, GROUPS_OF_USER, POLICIES, POLICY_VERSIONS, ROLES, USERS,
};
use crate::iam::subject::account;
use crate::identity::model::{AccessKey, Group, ManagedPolicy, OidcProvider, Role, User};
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use base::CommonError;
use std::sync::Arc;
use store::{Query, Record};
use wire::xml;

pub(crate) struct GetAccountSummary;

wire::input! {
    /// What `GetAccountSummary` takes.
    pub(crate) struct Input {}
}

/// The numbers, by AWS's names for them.
pub(crate) struct Output(Vec<(&'static str, i64)>);

impl Operation for GetAccountSummary {
    const NAME: &'static str = "GetAccountSummary";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, _: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let resource = Resource::named(cx.account(), String::from("*"));
        let permit = cx.authorize(Action("iam:GetAccountSummary"), resource)?;

        let mut numbers = counts(cx, &mut tx).await?;
        numbers.extend(quotas());
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(numbers)))
    }
}

/// How much there is.
async fn counts(cx: &Cx<'_>, tx: &mut Tx<'_>) -> Result<Vec<(&'static str, i64)>, Error> {
    let root_key = account(cx, tx).await?.record.root_access_key_id.clone();
    let root_key = tx.get::<AccessKey>(&AccessKey::key_of(&root_key)).await;
    let has_root_key = root_key.map_err(CommonError::from)?.is_some();
    let versions = |policy: &ManagedPolicy| policy.versions.len();
    let in_use = sum(cx, tx, versions).await?;
    Ok(vec![
        ("Users", sum(cx, tx, |_: &User| 1).await?),
        ("Groups", sum(cx, tx, |_: &Group| 1).await?),
        ("Roles", sum(cx, tx, |_: &Role| 1).await?),
        ("Policies", sum(cx, tx, |_: &ManagedPolicy| 1).await?),
        ("PolicyVersionsInUse", in_use),
        ("Providers", sum(cx, tx, |_: &OidcProvider| 1).await?),
        ("AccountAccessKeysPresent", i64::from(has_root_key)),
        ("AccountMFAEnabled", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("InstanceProfiles", 0),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
        ("ServerCertificates", 0),
        ("GlobalEndpointTokenVersion", 2),
    ])
}

/// How much there may be.
fn quotas() -> [(&'static str, i64); 14] {
    [
        ("UsersQuota", USERS.most()),
        ("GroupsQuota", GROUPS.most()),
        ("RolesQuota", ROLES.most()),
        ("PoliciesQuota", POLICIES.most()),
        ("VersionsPerPolicyQuota", number(POLICY_VERSIONS)),
        ("AccessKeysPerUserQuota", number(ACCESS_KEYS)),
        ("GroupsPerUserQuota", number(GROUPS_OF_USER)),
        ("AttachedPoliciesPerUserQuota", number(ATTACHED)),
        ("AttachedPoliciesPerGroupQuota", number(ATTACHED)),
        ("AttachedPoliciesPerRoleQuota", number(ATTACHED)),
        ("UserPolicySizeQuota", number(User::INLINE_SIZE)),
        ("GroupPolicySizeQuota", number(Group::INLINE_SIZE)),
        ("RolePolicySizeQuota", number(Role::INLINE_SIZE)),
        ("SigningCertificatesPerUserQuota", 0),
    ]
}

/// The sum of `each` over the account's records of one kind, whose number a quota bounds.
async fn sum<R: Record>(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    each: impl Fn(&R) -> usize,
) -> Result<i64, CommonError> {
    let mut sum = 0;
    let query = Query::primary(0).equal(cx.account());
    tx.every(query, |one: Arc<R>| sum += each(&one)).await?;
    Ok(number(sum))
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("SummaryMap", |map| {
            for (name, value) in &self.0 {
                map.element("entry", |entry| {
                    entry.text("key", name);
                    entry.integer("value", *value);
                });
            }
        });
    }
}
