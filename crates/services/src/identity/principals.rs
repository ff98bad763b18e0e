//! Finding a principal: the identity with its groups and policies, as they are at this moment.
//!
//! SECURITY: nothing is remembered between requests but what the store's coherent cache holds, so
//! a detached policy, a disabled key or a new Deny counts from the next request on. A policy that
//! is attached but cannot be found refuses the request, since it may have been a Deny.

use super::aws_managed;
use super::model::{Group, ManagedPolicy, Role, User};
use super::principal::{Identity, Managed, Principal};
use super::sessions::Session;
use crate::tx::Tx;
use base::{AccountId, CommonError};
use std::sync::Arc;

/// The root of `account` with long-term credentials.
pub(crate) fn root(account: AccountId) -> Principal {
    Principal::root(account)
}

/// The root of `account` in a session of its own.
pub(crate) fn root_session(account: AccountId, session: Arc<Session>) -> Principal {
    Principal::root(account).in_session(session, Vec::new())
}

/// The user called `name`, unless there is none.
///
/// # Errors
/// When the store fails, or a policy of the user's cannot be found.
pub(crate) async fn user(
    tx: &mut Tx<'_>,
    account: &AccountId,
    name: &str,
) -> Result<Option<Principal>, CommonError> {
    match tx.get::<User>(&User::key_of(account, name)).await? {
        Some(found) => of_user(tx, found.record, None).await.map(Some),
        None => Ok(None),
    }
}

/// `user`, perhaps in a session.
///
/// # Errors
/// As [`user`].
pub(super) async fn of_user(
    tx: &mut Tx<'_>,
    user: Arc<User>,
    session: Option<Arc<Session>>,
) -> Result<Principal, CommonError> {
    let account = user.account.clone();
    let mut groups = Vec::with_capacity(user.groups.len());
    for name in &user.groups {
        let group = tx.get::<Group>(&Group::key_of(&account, name)).await?;
        let group = group.ok_or_else(|| CommonError::internal("a member of no group"))?;
        groups.push(group.record);
    }
    let of_groups = groups.iter().flat_map(|group| &group.grants.attached);
    let attached = user.grants.attached.iter().chain(of_groups);
    let mut managed = Vec::new();
    for arn in attached {
        managed.push(attached_policy(tx, &account, arn).await?);
    }
    let boundary = boundary(tx, &account, user.boundary.as_deref()).await?;
    let arn = user.arn().into();
    let principal =
        Principal::new(account, arn, Identity::User(user)).granted(groups, managed, boundary);
    Ok(match session {
        Some(session) => principal.in_session(session, Vec::new()),
        None => principal,
    })
}

/// A session of `role`. `None` when a managed policy that narrows it is gone.
///
/// SECURITY: a session ends with them. Without one of them it could do more than it was meant to.
///
/// # Errors
/// When the store fails, or a policy of the role's cannot be found.
pub(crate) async fn role_session(
    tx: &mut Tx<'_>,
    role: Arc<Role>,
    session: Arc<Session>,
) -> Result<Option<Principal>, CommonError> {
    let account = role.account.clone();
    let mut narrowing = Vec::with_capacity(session.policy_arns.len());
    for arn in &session.policy_arns {
        let Some(policy) = resolve_managed(tx, &account, arn).await? else {
            return Ok(None);
        };
        narrowing.push(policy);
    }
    let mut managed = Vec::with_capacity(role.grants.attached.len());
    for arn in &role.grants.attached {
        managed.push(attached_policy(tx, &account, arn).await?);
    }
    let boundary = boundary(tx, &account, role.boundary.as_deref()).await?;
    let name = session.name.as_deref().unwrap_or_default();
    let arn = session_arn(&account, &role.name, name).into();
    let principal = Principal::new(account, arn, Identity::Role(role));
    let principal = principal.granted(Vec::new(), managed, boundary);
    Ok(Some(principal.in_session(session, narrowing)))
}

/// The ARN of the session `name` of a role.
pub(crate) fn session_arn(account: &AccountId, role: &str, name: &str) -> String {
    [
        "arn:aws:sts::",
        account.as_str(),
        ":assumed-role/",
        role,
        "/",
        name,
    ]
    .concat()
}

/// The managed policy that `arn` names for `account`: one of its own, or one of AWS's.
///
/// # Errors
/// When the store fails.
pub(crate) async fn resolve_managed(
    tx: &mut Tx<'_>,
    account: &AccountId,
    arn: &str,
) -> Result<Option<Managed>, CommonError> {
    if let Some(policy) = aws_managed::find(arn) {
        return Ok(Some(Managed::Aws(policy)));
    }
    let Some(path_and_name) = own_policy(account, arn) else {
        return Ok(None);
    };
    let name = path_and_name.rsplit('/').next().unwrap_or_default();
    let key = ManagedPolicy::key_of(account, name);
    let found = tx.get::<ManagedPolicy>(&key).await?;
    let is_meant = |policy: &ManagedPolicy| {
        path_and_name.strip_prefix(&*policy.path) == Some(policy.name.as_str())
    };
    Ok(found
        .map(|found| found.record)
        .filter(|policy| is_meant(policy))
        .map(Managed::Customer))
}

async fn attached_policy(
    tx: &mut Tx<'_>,
    account: &AccountId,
    arn: &str,
) -> Result<Managed, CommonError> {
    let found = resolve_managed(tx, account, arn).await?;
    found.ok_or_else(|| CommonError::internal(format!("the attached policy `{arn}` is missing")))
}

async fn boundary(
    tx: &mut Tx<'_>,
    account: &AccountId,
    arn: Option<&str>,
) -> Result<Option<Managed>, CommonError> {
    match arn {
        Some(arn) => attached_policy(tx, account, arn).await.map(Some),
        None => Ok(None),
    }
}

/// Path and name in the ARN of one of the account's own policies.
fn own_policy<'a>(account: &AccountId, arn: &'a str) -> Option<&'a str> {
    arn.strip_prefix("arn:aws:iam::")?
        .strip_prefix(account.as_str())?
        .strip_prefix(":policy")
}
