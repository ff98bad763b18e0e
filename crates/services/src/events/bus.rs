//! The one bus.

use super::error::Error;
use crate::cx::Cx;
use base::{AccountId, RegionName};

/// Refuses every bus but the account's own `default`.
///
/// # Errors
/// [`Error::NoSuchBus`].
pub(super) fn check(cx: &Cx<'_>, named: Option<&str>) -> Result<(), Error> {
    let own = arn(cx.account(), cx.region);
    match named {
        None | Some(DEFAULT) => Ok(()),
        Some(named) if named == own => Ok(()),
        Some(named) => Err(Error::NoSuchBus(named.to_owned())),
    }
}

/// The ARN of the bus.
pub(super) fn arn(account: &AccountId, region: &RegionName) -> String {
    let partition = region.partition();
    format!("arn:{partition}:events:{region}:{account}:event-bus/{DEFAULT}")
}

/// Its name.
pub(super) const DEFAULT: &str = "default";
