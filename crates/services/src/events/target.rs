//! What a caller named, and perhaps the rule behind it.

use super::bus;
use super::error::Error;
use super::records::{Rule, arn};
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Tx;
use base::{AccountId, Arn};
use store::Versioned;

/// The rule that a name means, whether or not it exists.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct Named<'a> {
    account: &'a AccountId,
    name: String,
    arn: String,
    found: Option<Versioned<Rule>>,
}

impl<'a> Named<'a> {
    /// Looks up the rule `name` of the caller's account.
    ///
    /// # Errors
    /// A failure of the store.
    pub(super) async fn find(cx: &Cx<'a>, tx: &mut Tx<'_>, name: &str) -> Result<Self, Error> {
        let found = tx
            .get::<Rule>(&Rule::key_of(cx.account(), cx.region, name))
            .await?;
        Ok(Self {
            account: cx.account(),
            name: name.to_owned(),
            arn: arn(cx.account(), cx.region, name),
            found,
        })
    }

    /// Looks up the rule whose ARN is `text`.
    ///
    /// # Errors
    /// [`Error::Validation`] for an ARN of something else; [`Error::NoSuchRule`] for one of somebody else;
    /// a failure of the store.
    pub(super) async fn tagged(cx: &Cx<'a>, tx: &mut Tx<'_>, text: &str) -> Result<Self, Error> {
        let parsed = Arn::parse(text).ok().filter(|arn| arn.service == "events");
        let parsed =
            parsed.ok_or_else(|| Error::invalid("ResourceARN", "it is no ARN of a rule"))?;
        let name = parsed
            .resource
            .strip_prefix("rule/")
            .map(|name| name.strip_prefix("default/").unwrap_or(name));
        let name = name.ok_or_else(|| Error::unsupported("A resource other than a rule"))?;
        let is_own = parsed.account == cx.account().as_str() && parsed.region == cx.region.as_str();
        match is_own {
            true => Self::find(cx, tx, name).await,
            false => Err(Error::NoSuchRule(name.to_owned())),
        }
    }

    /// Asks whether the caller may do `action` to the rule.
    ///
    /// # Errors
    /// The refusal in AWS's words.
    pub(super) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, Error> {
        self.permit_with(cx, action, &Keys::none())
    }

    /// The same question, with the condition keys that the operation brings.
    ///
    /// # Errors
    /// As [`Named::permit`].
    pub(super) fn permit_with(
        &self,
        cx: &Cx<'_>,
        action: Action,
        keys: &Keys<'_>,
    ) -> Result<Permit, Error> {
        let tags = self.found.as_ref().map(|found| &found.record.tags);
        let resource = Resource::named(self.account, self.arn.clone()).tagged(tags);
        Ok(cx.authorize_with(action, resource, keys)?)
    }

    /// The rule's ARN.
    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    /// The rule, if it is there.
    ///
    /// # Errors
    /// [`Error::NoSuchBus`] for a rule of another bus.
    pub(super) fn on(
        &self,
        cx: &Cx<'_>,
        bus: Option<&str>,
        _: &Permit,
    ) -> Result<Option<&Versioned<Rule>>, Error> {
        bus::check(cx, bus)?;
        Ok(self.found.as_ref())
    }

    /// The rule.
    ///
    /// # Errors
    /// [`Error::NoSuchRule`], [`Error::NoSuchBus`].
    pub(super) fn existing(
        &self,
        cx: &Cx<'_>,
        bus: Option<&str>,
        permit: &Permit,
    ) -> Result<&Versioned<Rule>, Error> {
        let found = self.on(cx, bus, permit)?;
        found.ok_or_else(|| Error::NoSuchRule(self.name.clone()))
    }
}
