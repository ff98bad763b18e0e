//! Unwrapping a data key for the server itself: for what leaves to nobody, so without a caller and
//! without an event.
//!
//! SECURITY: what a key may never do it does not do here either: one that is disabled or pending
//! deletion opens nothing, and the managed key of an account is for that account's resources.

use super::blob::Blob;
use super::data_keys::Kms;
use super::error::Error;
use super::model::{KmsKey, Manager, State};
use crate::ports::{DataKeyError, EncryptionContext, OwnUse};
use base::{CommonError, Plaintext};
use store::Versioned;

impl Kms {
    /// See [`DataKeys::open`].
    ///
    /// [`DataKeys::open`]: crate::ports::DataKeys::open
    pub(super) async fn open_key(
        &self,
        own: OwnUse<'_>,
        wrapped: &[u8],
        context: EncryptionContext<'_>,
    ) -> Result<Plaintext, DataKeyError> {
        let blob = Blob::parse(wrapped).ok_or(DataKeyError::NotDecryptable)?;
        let key = usable(own, &blob).await?;
        let opened = self.crypto().decrypt(self.own(), &key, context, &blob);
        match opened {
            Ok(decrypted) => Ok(decrypted.plaintext),
            Err(Error::Common(error)) => Err(error.into()),
            Err(_) => Err(DataKeyError::NotDecryptable),
        }
    }
}

async fn usable(own: OwnUse<'_>, blob: &Blob) -> Result<Versioned<KmsKey>, DataKeyError> {
    if blob.region != *own.region {
        return Err(DataKeyError::NotDecryptable);
    }
    let name = KmsKey::key_of(&blob.account, &blob.region, &blob.key_id);
    let mut tx = own.app.ledger.begin_reading();
    let found = tx.get::<KmsKey>(&name).await.map_err(CommonError::from)?;
    let found = found.ok_or(DataKeyError::NotDecryptable)?;
    let key = &found.record;
    if key.manager == Manager::Aws && key.account != *own.account {
        return Err(DataKeyError::NotDecryptable);
    }
    let refused = |error: Error| DataKeyError::Refused(error.to_string());
    match key.state {
        State::Enabled => Ok(found),
        State::Disabled => Err(refused(Error::Disabled(key.arn()))),
        State::PendingDeletion { .. } => Err(refused(Error::PendingDeletion(key.arn()))),
    }
}
