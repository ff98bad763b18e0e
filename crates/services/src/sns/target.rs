//! What a caller named, and perhaps the topic behind it.

use super::error::Error;
use super::ids::TopicId;
use super::records::Topic;
use super::topic_policy;
use crate::authorize::{Action, Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Tx;
use base::CommonError;
use store::Versioned;

/// The topic that an ARN means, whether or not it exists.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
pub(super) struct Target {
    pub(super) id: TopicId,
    found: Option<Versioned<Topic>>,
}

impl Target {
    /// Looks up the topic whose ARN the parameter `TopicArn` is.
    ///
    /// # Errors
    /// As [`TopicId::parse`]; a failure of the store.
    pub(super) async fn named(cx: &Cx<'_>, tx: &mut Tx<'_>, arn: &str) -> Result<Self, Error> {
        Self::in_member(cx, tx, "TopicArn", arn).await
    }

    /// The same of the parameter `member`.
    ///
    /// # Errors
    /// As [`Target::named`].
    pub(super) async fn in_member(
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        member: &str,
        arn: &str,
    ) -> Result<Self, Error> {
        let id = TopicId::parse(member, arn, cx.region)?;
        Ok(Self::find(tx, id).await?)
    }

    /// Looks up the topic `id`.
    ///
    /// # Errors
    /// A failure of the store.
    pub(super) async fn find(tx: &mut Tx<'_>, id: TopicId) -> Result<Self, CommonError> {
        let found = tx.get::<Topic>(&Topic::key_of(&id)).await?;
        Ok(Self { id, found })
    }

    /// As authorization sees it.
    ///
    /// # Errors
    /// When the topic's policy cannot be read.
    pub(super) fn resource(&self) -> Result<Resource<'_>, CommonError> {
        let topic = self.found.as_ref().map(|found| found.record.as_ref());
        topic_policy::resource(&self.id.account, self.id.arn(), topic)
    }

    /// Asks whether the caller may do `action` to the topic.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words.
    pub(super) fn permit(&self, cx: &Cx<'_>, action: Action) -> Result<Permit, CommonError> {
        self.permit_with(cx, action, &Keys::none())
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
        cx.authorize_with(action, self.resource()?, keys)
    }

    /// The topic, if it is there.
    pub(super) fn found(&self, _: &Permit) -> Option<&Versioned<Topic>> {
        self.found.as_ref()
    }

    /// The topic.
    ///
    /// # Errors
    /// [`Error::NoSuchTopic`].
    pub(super) fn existing(&self, permit: &Permit) -> Result<&Versioned<Topic>, Error> {
        self.found(permit).ok_or(Error::NoSuchTopic)
    }
}
