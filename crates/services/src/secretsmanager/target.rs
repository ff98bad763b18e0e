//! What a caller named, and perhaps the secret behind it.

use super::error::Error;
use super::model::Secret;
use super::names::SecretId;
use super::resource_policy::{ResourcePolicy, TITLE};
use crate::authorize::{Permit, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::tx::Tx;
use base::CommonError;
use policy::{Named, Policy};
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
    policy: Option<Versioned<ResourcePolicy>>,
    is_here: bool,
}

impl Target {
    /// Looks the secret up, and its resource policy.
    ///
    /// # Errors
    /// [`Error::InvalidName`] for what cannot be a name; a failure of the store.
    pub(crate) async fn find(cx: &Cx<'_>, tx: &mut Tx<'_>, secret_id: &str) -> Result<Self, Error> {
        let id = SecretId::parse(secret_id, cx.account(), cx.region)?;
        // COMPAT: an ARN of another Region is refused, not looked for.
        let is_here = id.region == *cx.region;
        let mut target = Self {
            id,
            found: None,
            policy: None,
            is_here,
        };
        if is_here && !target.id.name.is_empty() {
            target.look_up(tx).await?;
        }
        Ok(target)
    }

    async fn look_up(&mut self, tx: &mut Tx<'_>) -> Result<(), CommonError> {
        let id = &self.id;
        let key = Secret::key_of(&id.account, &id.region, &id.name);
        let found = tx.get::<Secret>(&key).await?;
        self.found = found.filter(|found| {
            id.suffix
                .as_ref()
                .is_none_or(|suffix| *suffix == found.record.suffix)
        });
        if let Some(found) = &self.found
            && found.record.has_resource_policy
        {
            let policy = tx
                .get::<ResourcePolicy>(&ResourcePolicy::key_of(&found.record))
                .await?;
            // SECURITY: a policy that should be there and is not may have been a Deny.
            let missing = || CommonError::internal("a secret's resource policy is missing");
            let policy = policy.ok_or_else(missing)?;
            policy.record.document.policy()?;
            self.policy = Some(policy);
        }
        Ok(())
    }

    /// As authorization sees it: the full ARN of a secret that exists, else what was sent.
    pub(crate) fn resource(&self) -> Resource<'_> {
        Resource {
            owner: self.is_here.then_some(&self.id.account),
            name: Some(self.name()),
            policy: self.compiled().map(|policy| Named {
                name: TITLE,
                policy,
            }),
            tags: self
                .found
                .as_ref()
                .and_then(|found| found.record.tags.as_ref()),
            ..Resource::default()
        }
    }

    /// The full ARN of a secret that exists, else what was sent.
    pub(crate) fn name(&self) -> String {
        match &self.found {
            Some(found) => found.record.arn(),
            None => self.id.sent.clone(),
        }
    }

    /// The condition keys that every operation on a secret brings (behaviour reference §8.5).
    pub(crate) fn keys(&self) -> Keys<'_> {
        let keys = Keys::none().text("secretsmanager:secretid", self.id.sent.as_str());
        match &self.found {
            Some(found) => keys
                .text(
                    "secretsmanager:secretprimaryregion",
                    found.record.region.as_str(),
                )
                .opt_text(
                    "secretsmanager:resource/allowrotationlambdaarn",
                    found.record.rotation_function(),
                ),
            None => keys,
        }
    }

    fn compiled(&self) -> Option<&Policy> {
        let policy = self.policy.as_ref()?;
        policy.record.document.policy().ok()
    }

    /// The identifier.
    pub(crate) fn id(&self) -> &SecretId {
        &self.id
    }

    /// The resource policy, if the secret has one.
    pub(crate) fn resource_policy(&self, _: &Permit) -> Option<&Versioned<ResourcePolicy>> {
        self.policy.as_ref()
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
