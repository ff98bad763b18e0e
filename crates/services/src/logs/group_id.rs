//! The ways to name a log group, and the ARNs of groups and streams.

use super::error::Error;
use super::records::{LogGroup, LogStream};
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Tx;
use base::{AccountId, CommonError, RegionName};
use std::sync::Arc;
use store::Versioned;

/// A log group that a caller named, and perhaps the group behind it.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct Target {
    name: String,
    /// Whether it is of the caller's account and Region.
    is_here: bool,
    account: AccountId,
    region: RegionName,
    found: Option<Versioned<LogGroup>>,
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
            found,
        })
    }

    /// Looks up the group whose tags are meant.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for an ARN of something else.
    pub(super) async fn tagged(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<Self, Error> {
        if !arn.starts_with("arn:") {
            return Err(Error::InvalidParameter(NO_ARN.to_owned()));
        }
        Self::find(cx, tx, None, Some(arn)).await
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
        let stream = stream.unwrap_or_default();
        let arn = stream_arn(&self.account, &self.region, &self.name, stream);
        cx.authorize(action, self.resource(arn))
    }

    /// The same question, with the condition keys that the operation brings.
    ///
    /// # Errors
    /// As [`Target::permit`].
    pub(super) fn permit_with(
        &self,
        cx: &Cx<'_>,
        action: Action,
        keys: &Keys<'_>,
    ) -> Result<Permit, CommonError> {
        let arn = stream_arn(&self.account, &self.region, &self.name, "");
        cx.authorize_with(action, self.resource(arn), keys)
    }

    fn resource(&self, arn: String) -> Resource<'_> {
        let tags = self.found.as_ref().map(|found| &found.record.tags);
        let mut resource = Resource::named(&self.account, arn).tagged(tags);
        // COMPAT: groups of other accounts are for nobody here.
        resource.owner = resource.owner.filter(|_| self.is_here);
        resource
    }

    /// The group.
    ///
    /// # Errors
    /// [`Error::GroupNotFound`].
    pub(super) fn existing(&self, permit: &Permit) -> Result<&LogGroup, Error> {
        Ok(&self.versioned(permit)?.record)
    }

    /// The group, to be changed.
    ///
    /// # Errors
    /// [`Error::GroupNotFound`].
    pub(super) fn versioned(&self, _: &Permit) -> Result<&Versioned<LogGroup>, Error> {
        self.found.as_ref().ok_or(Error::GroupNotFound)
    }

    /// Whether there is a group that has the name.
    pub(super) fn is_taken(&self, _: &Permit) -> bool {
        self.found.is_some()
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

/// What counts the groups of an account in a Region.
pub(super) fn groups_counter(account: &AccountId, region: &RegionName) -> String {
    format!("logs:groups:{account}:{region}")
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
const NO_ARN: &str = "The specified resource is not the ARN of a log group.";
const NO_GROUP: &str = "The specified logGroupIdentifier is not the ARN of a log group.";
