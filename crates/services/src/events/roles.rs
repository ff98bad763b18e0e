//! Roles of targets: who may give them, and what they may.

use super::EVENT_SOURCE;
use super::error::Error;
use crate::app::App;
use crate::authorize::{Action, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::identity::model::Role;
use crate::ports::Invoked;
use crate::service_role;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};

/// Checks that the caller may give the role `arn` to targets of the rule `rule`, and that EventBridge may
/// assume it.
///
/// # Errors
/// The denial of `iam:PassRole`; [`Error::Validation`] for a role that does not exist, is of another
/// account, or does not trust EventBridge: nobody learns which of them it is.
pub(super) async fn pass(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str, rule: &str) -> Result<(), Error> {
    let found = service_role::find(tx, arn).await?;
    let keys = Keys::none()
        .text("iam:passedtoservice", EVENT_SOURCE)
        .text("iam:associatedresourcearn", rule);
    let resource = Resource::named(cx.account(), arn.to_owned());
    let resource = resource.tagged(found.as_ref().map(|role| &role.tags));
    cx.authorize_with(Action("iam:PassRole"), resource, &keys)?;
    let is_trusting = match &found {
        Some(role) => trusts(role, cx.account(), rule, cx.region, cx.now())?,
        None => false,
    };
    match is_trusting {
        true => Ok(()),
        false => Err(Error::Validation(format!(
            "Provided role '{arn}' cannot be assumed by principal '{EVENT_SOURCE}'."
        ))),
    }
}

/// Whether the role of a message may still invoke its API destination.
///
/// # Errors
/// When the store fails, or a policy cannot be read.
pub(super) async fn may_invoke(
    app: &App,
    tx: &mut Tx<'_>,
    invoked: &Invoked<'_>,
) -> Result<bool, CommonError> {
    let now = app.clock.now();
    let Some(role) = service_role::find(tx, invoked.role).await? else {
        return Ok(false);
    };
    if !trusts(&role, invoked.account, invoked.rule, invoked.region, now)? {
        return Ok(false);
    }
    let Some(principal) = service_role::assumed(tx, &role, SESSION, now).await? else {
        return Ok(false);
    };
    service_role::may(
        EVENT_SOURCE,
        &principal,
        Action("events:InvokeApiDestination"),
        invoked.arn.to_owned(),
        invoked.region,
        now,
    )
}

/// Whether EventBridge may assume a role for a rule of `account`.
fn trusts(
    role: &Role,
    account: &AccountId,
    rule: &str,
    region: &RegionName,
    now: Timestamp,
) -> Result<bool, CommonError> {
    let keys = Keys::none()
        .text("aws:sourcearn", rule)
        .text("aws:sourceaccount", account.as_str());
    let leave = service_role::is_assumable(EVENT_SOURCE, role, &keys, region, now)?;
    Ok(role.account == *account && leave.is_some())
}

const SESSION: &str = "EventBridge";
