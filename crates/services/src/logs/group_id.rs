//! The ways to name a log group, and the ARNs of groups and streams.

use super::error::Error;
use super::records::{LogGroup, LogStream};
use crate::authorize::{Action, Permit, Resource};
use crate::cx::Cx;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName};
use std::sync::Arc;

/// A log group that a caller named, and perhaps the group behind it.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct Target {
    name: String,
    /// Whether it is of the caller's account and Region.
    is_here: bool,
    account: AccountId,
    region: RegionName,
    found: Option<Arc<LogGroup>>,
}

impl Target {
    /// Looks up the group that is named by one of the two ways.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for none, for both, and for an ARN of something else.
    pub(super) async fn find(
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        name: Option<&str>,
        identifier: Option<&str>,
    ) -> Result<Self, Error> {
        let refuse = |text: &str| Error::InvalidParameter(text.to_owned());
        let (name, is_here) = match (name, identifier) {
            (Some(_), Some(_)) => return Err(refuse(BOTH)),
            (None, None) => return Err(refuse(NEITHER)),
            (Some(name), None) => (name, true),
            (None, Some(identifier)) if !identifier.starts_with("arn:") => (identifier, true),
            (None, Some(arn)) => {
                let (prefix, name) = arn.split_once(":log-group:").ok_or(refuse(NO_GROUP))?;
                let own = format!(
                    "arn:{}:logs:{}:{}",
                    cx.region.partition(),
                    cx.region,
                    cx.account()
                );
                (name.strip_suffix(":*").unwrap_or(name), prefix == own)
            }
        };
        let key = LogGroup::key_of(cx.account(), cx.region, name);
        let found = match is_here {
            true => tx.get::<LogGroup>(&key).await?,
            false => None,
        };
        Ok(Self {
            name: name.to_owned(),
            is_here,
            account: cx.account().clone(),
            region: cx.region.clone(),
            found: found.map(|found| found.record),
        })
    }

    /// Asks whether the caller may do `action` to the group, or to one stream of it.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(super) fn permit(
        &self,
        cx: &Cx<'_>,
        action: Action,
        stream: Option<&str>,
    ) -> Result<Permit, CommonError> {
        let arn = stream_arn(
            &self.account,
            &self.region,
            &self.name,
            stream.unwrap_or_default(),
        );
        let mut resource = Resource::named(&self.account, arn);
        // COMPAT: groups of other accounts are for nobody here.
        resource.owner = resource.owner.filter(|_| self.is_here);
        cx.authorize(action, resource)
    }

    /// The group.
    ///
    /// # Errors
    /// [`Error::GroupNotFound`].
    pub(super) fn existing(&self, _: &Permit) -> Result<&LogGroup, Error> {
        self.found.as_deref().ok_or(Error::GroupNotFound)
    }

    /// A stream of the group.
    ///
    /// # Errors
    /// [`Error::GroupNotFound`], [`Error::StreamNotFound`].
    pub(super) async fn stream(
        &self,
        permit: &Permit,
        tx: &mut Tx<'_>,
        name: &str,
    ) -> Result<Arc<LogStream>, Error> {
        let group = self.existing(permit)?;
        let key = LogStream::key_of(&group.account, &group.region, &group.name, name);
        let found = tx.get::<LogStream>(&key).await?;
        Ok(found.ok_or(Error::StreamNotFound)?.record)
    }
}

/// The ARN of a group, as policies have it without its streams.
pub(super) fn group_arn(account: &AccountId, region: &RegionName, group: &str) -> String {
    format!(
        "arn:{}:logs:{region}:{account}:log-group:{group}",
        region.partition()
    )
}

/// The ARN of a stream; that of a group, as authorization sees it, is the same without a name.
pub(super) fn stream_arn(
    account: &AccountId,
    region: &RegionName,
    group: &str,
    stream: &str,
) -> String {
    format!("{}:log-stream:{stream}", group_arn(account, region, group))
}

const BOTH: &str = "Only one of logGroupName or logGroupIdentifier can be specified.";
const NEITHER: &str = "Either logGroupName or logGroupIdentifier must be specified.";
const NO_GROUP: &str = "The specified logGroupIdentifier is not the ARN of a log group.";
