//! What a caller named, and perhaps the secret behind it.

use super::error::Error;
use super::model::Secret;
use super::names::SecretId;
use crate::authorize::{Permit, Resource};
use crate::cx::Cx;
use crate::tx::Tx;
use store::Versioned;

/// The secret that a `SecretId` means, whether or not it exists.
///
/// INVARIANT: "not found" is told only to holders of a [`Permit`], so that refusal comes first.
///
/// COMPAT: the text of a refusal still names an existing secret by its full ARN and any other by
/// what was sent, as on AWS (behaviour reference §1.6).
pub(crate) struct Target {
    id: SecretId,
    found: Option<Versioned<Secret>>,
    is_here: bool,
}

impl Target {
    /// Looks the secret up.
    ///
    /// # Errors
    /// [`Error::InvalidName`] for what cannot be a name; a failure of the store.
    pub(crate) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, secret_id: &str) -> Result<Self, Error> {
        let id = SecretId::parse(secret_id, cx.account(), cx.region)?;
        // COMPAT: an ARN of another Region is refused, not looked for.
        let is_here = id.region == *cx.region;
        if !is_here || id.name.is_empty() {
            return Ok(Self {
                id,
                found: None,
                is_here,
            });
        }
        let key = Secret::key_of(&id.account, &id.region, &id.name);
        let found = tx
            .get::<Secret>(&key)
            .await
            .map_err(base::CommonError::from)?
            .filter(|found| {
                id.suffix
                    .as_ref()
                    .is_none_or(|suffix| *suffix == found.record.suffix)
            });
        Ok(Self { id, found, is_here })
    }

    /// As authorization sees it: the full ARN of a secret that exists, else what was sent.
    pub(crate) fn resource(&self) -> Resource<'_> {
        let name = match &self.found {
            Some(found) => found.record.arn(),
            None => self.id.sent.clone(),
        };
        Resource {
            owner: self.is_here.then_some(&self.id.account),
            name: Some(name),
        }
    }

    /// The identifier.
    pub(crate) fn id(&self) -> &SecretId {
        &self.id
    }

    /// The secret, in whatever state.
    ///
    /// # Errors
    /// [`Error::SecretNotFound`].
    pub(crate) fn existing(&self, _: &Permit) -> Result<&Versioned<Secret>, Error> {
        self.found.as_ref().ok_or(Error::SecretNotFound)
    }

    /// The secret, unless it is scheduled for deletion.
    ///
    /// # Errors
    /// [`Error::SecretNotFound`], [`Error::MarkedForDeletion`].
    pub(crate) fn usable(&self, permit: &Permit) -> Result<&Versioned<Secret>, Error> {
        let found = self.existing(permit)?;
        if found.record.is_scheduled_for_deletion() {
            return Err(Error::MarkedForDeletion);
        }
        Ok(found)
    }
}
