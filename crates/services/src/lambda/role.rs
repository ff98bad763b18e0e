//! The role of a function: who may give it, and whether Lambda may assume it.

use super::EVENT_SOURCE;
use super::error::Error;
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::identity::IamArn;
use crate::identity::model::Role;
use crate::service_role;
pub(crate) use crate::service_role::find;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName, Timestamp};

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

/// Leave for Lambda to assume `role`, if the role trusts it.
///
/// # Errors
/// When the trust policy cannot be read.
pub(crate) fn is_assumable(
    role: &Role,
    region: &RegionName,
    now: Timestamp,
) -> Result<Option<Permit>, CommonError> {
    service_role::is_assumable(EVENT_SOURCE, role, &Keys::none(), region, now)
}

fn account_of(arn: &str) -> Option<AccountId> {
    IamArn::parse(arn)?.account()
}
