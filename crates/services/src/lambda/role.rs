//! The role of a function: who may give it, and whether Lambda may assume it.

use super::EVENT_SOURCE;
use super::error::Error;
use crate::authorize::{self, Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::identity::model::Role;
use crate::identity::{IamArn, IamKind};
use crate::service_call::{Called, ServiceCall};
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};
use policy::{Named, Rule};
use std::sync::Arc;

/// Checks that the caller may give the role `arn` to the function `function`, and that Lambda may
/// assume it.
///
/// # Errors
/// [`Error::ForeignRole`]; the denial of `iam:PassRole`; [`Error::InvalidParameter`] for a role that
/// does not exist or does not trust Lambda: nobody learns which of the two it is.
pub(crate) async fn pass(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    arn: &str,
    owner: &AccountId,
    function: &str,
) -> Result<(), Error> {
    let found = find(tx, arn).await?;
    if account_of(arn).as_ref() != Some(owner) {
        return Err(Error::ForeignRole);
    }
    let keys = Keys::none()
        .text("iam:passedtoservice", EVENT_SOURCE)
        .text("iam:associatedresourcearn", function);
    let resource = Resource::named(owner, arn.to_owned());
    let resource = resource.tagged(found.as_ref().map(|role| &role.tags));
    cx.authorize_with(Action("iam:PassRole"), resource, &keys)?;
    let is_assumable = match &found {
        Some(role) => is_assumable(role, cx.region, cx.now())?.is_some(),
        None => false,
    };
    if is_assumable {
        Ok(())
    } else {
        let text = Error::RoleNotAssumable.to_string();
        Err(Error::InvalidParameter(text))
    }
}

/// The role with this ARN.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn find(tx: &mut Tx<'_>, arn: &str) -> Result<Option<Arc<Role>>, CommonError> {
    let Some(name) = IamArn::parse(arn).filter(|parsed| parsed.kind == IamKind::Role) else {
        return Ok(None);
    };
    let Some(account) = name.account() else {
        return Ok(None);
    };
    let found = tx.get::<Role>(&Role::key_of(&account, name.name)).await?;
    let found = found.map(|found| found.record);
    Ok(found.filter(|role| role.arn() == arn))
}

/// Leave for Lambda to assume `role`, if the role trusts it.
///
/// # Errors
/// When the trust policy cannot be read.
pub(crate) fn is_assumable(
    role: &Role,
    region: &RegionName,
    now: Timestamp,
) -> Result<Option<Permit>, CommonError> {
    let call = ServiceCall::new("");
    let facts = call.facts(Called {
        by: EVENT_SOURCE,
        role: None,
        event_source: "sts.amazonaws.com",
        event_name: "AssumeRole",
        region,
        now,
        parameters: None,
    });
    let resource = Resource {
        policy: Some(Named {
            name: "trust policy",
            policy: role.trust.policy()?,
        }),
        rule: Rule::ResourceRequired,
        tags: Some(&role.tags),
        ..Resource::named(&role.account, role.arn())
    };
    let asked = authorize::service_may(
        EVENT_SOURCE,
        &facts,
        Action("sts:AssumeRole"),
        &resource,
        &Keys::none(),
    );
    match asked {
        Ok(permit) => Ok(Some(permit)),
        Err(CommonError::AccessDenied(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn account_of(arn: &str) -> Option<AccountId> {
    IamArn::parse(arn)?.account()
}
