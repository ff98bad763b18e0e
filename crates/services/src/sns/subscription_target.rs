//! What a caller named, and perhaps the subscription behind it.

use super::error::Error;
use super::ids::SubscriptionId;
use super::records::Subscription;
use crate::authorize::{Action, Permit, Resource};
use crate::cx::Cx;
use crate::tx::Tx;
use base::AccountId;
use store::Versioned;

/// The subscription that an ARN means, whether or not it exists.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct SubscriptionTarget {
    pub(super) id: SubscriptionId,
    found: Option<Versioned<Subscription>>,
}

impl SubscriptionTarget {
    /// Looks up the subscription whose ARN is `arn`.
    ///
    /// # Errors
    /// As [`SubscriptionId::parse`]; a failure of the store.
    pub(super) async fn named(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<Self, Error> {
        let id = SubscriptionId::parse(arn, cx.region)?;
        let found = tx.get::<Subscription>(&Subscription::key_of(&id)).await?;
        Ok(Self { id, found })
    }

    /// Asks whether the caller may do `action` to the subscription. It belongs to who subscribed, and is
    /// authorized by its topic's ARN.
    ///
    /// # Errors
    /// The refusal in AWS's words.
    pub(super) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, Error> {
        let owner = self.found.as_ref().map(|found| &found.record.owner);
        let owner = owner.unwrap_or(&self.id.topic.account);
        self.permit_of(cx, action, owner)
    }

    /// The same for who may end it: its owner, or that of the topic.
    ///
    /// # Errors
    /// The refusal in AWS's words.
    pub(super) fn permit_to_end(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, Error> {
        match *cx.account() == self.id.topic.account {
            true => self.permit_of(cx, action, &self.id.topic.account),
            false => self.permit(cx, action),
        }
    }

    fn permit_of(&self, cx: &Cx<'_>, action: Action, owner: &AccountId) -> Result<Permit, Error> {
        let resource = Resource::named(owner, self.id.topic.arn());
        Ok(cx.authorize(action, resource)?)
    }

    /// The subscription, if it is there.
    pub(super) fn found(&self, _: &Permit) -> Option<&Versioned<Subscription>> {
        self.found.as_ref()
    }

    /// The subscription.
    ///
    /// # Errors
    /// [`Error::NoSuchSubscription`].
    pub(super) fn existing(&self, permit: &Permit) -> Result<&Versioned<Subscription>, Error> {
        self.found(permit).ok_or(Error::NoSuchSubscription)
    }
}
