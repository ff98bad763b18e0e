//! Where a ciphertext comes from: the key that the caller names, or else the one that it names
//! itself.
//!
//! A caller who names the key has leave for that key checked, and is told when the ciphertext is of
//! another. Without, a ciphertext that is none is refused as such, and one of a key that is not there
//! like one of a key that the caller may not use.

use super::blob::Blob;
use super::error::Error;
use super::model::KmsKey;
use super::target::Target;
use crate::authorize::{Action, Permit};
use crate::context::Keys;
use crate::cx::Cx;
use crate::ports::EncryptionContext;
use crate::tx::Tx;
use base::{CommonError, Decided, Denial, Plaintext};
use policy::Kind;
use store::Versioned;

/// The key of a ciphertext.
pub(crate) struct Source<'a> {
    target: Target,
    is_named: bool,
    given: Option<&'a Plaintext>,
}

impl<'a> Source<'a> {
    /// Looks the key up.
    ///
    /// # Errors
    /// As [`Target::to_use`]; [`Error::InvalidCiphertext`], or [`Error::Validation`] where nothing
    /// names a key.
    pub(crate) async fn find(
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        named: Option<&str>,
        given: Option<&'a Plaintext>,
    ) -> Result<Self, Error> {
        let target = match (named, given) {
            (Some(named), _) => Target::to_use(cx, tx, named).await?,
            (None, Some(given)) => {
                let blob = Blob::parse(given.expose()).ok_or(Error::InvalidCiphertext)?;
                Target::of_blob(cx, tx, &blob).await?
            }
            (None, None) => return Err(no_ciphertext()),
        };
        Ok(Self {
            target,
            is_named: named.is_some(),
            given,
        })
    }

    /// Whether `other` is the same key.
    pub(crate) fn is_key_of(&self, other: &Target) -> bool {
        self.target.is_same_as(other)
    }

    /// The condition keys of its key.
    pub(crate) fn keys<'b>(&'b self, cx: &Cx<'b>) -> Keys<'b> {
        self.target.keys(cx)
    }

    /// Asks whether the caller may.
    ///
    /// # Errors
    /// [`CommonError::AccessDenied`] in AWS's words; a failure of the store.
    pub(crate) async fn permit(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        action: Action,
        keys: &Keys<'_>,
        context: EncryptionContext<'_>,
    ) -> Result<Permit, CommonError> {
        let target = &self.target;
        let answer = target.ask(cx, tx, action, keys, Some(context)).await?;
        if self.is_named {
            return Ok(answer?);
        }
        let decided = match answer {
            Ok(permit) if target.existing(&permit).is_ok() => return Ok(permit),
            Err(refused) if refused.kind != Some(Kind::Resource) => return Err(refused.into()),
            // There is no such key.
            Ok(_) => None,
            Err(refused) => refused.denial.decided,
        };
        Err(out_of_reach(cx, action, decided))
    }

    /// The key, if it can be used.
    ///
    /// # Errors
    /// As [`Target::enabled`].
    pub(crate) fn enabled(&self, permit: &Permit) -> Result<&Versioned<KmsKey>, Error> {
        self.target.enabled(permit)
    }

    /// The ciphertext.
    ///
    /// # Errors
    /// [`Error::InvalidCiphertext`] for what is none, [`Error::IncorrectKey`] for one of another key
    /// than the caller named.
    pub(crate) fn blob(&self, permit: &Permit) -> Result<Blob, Error> {
        let given = self.given.ok_or_else(no_ciphertext)?;
        let blob = Blob::parse(given.expose()).ok_or(Error::InvalidCiphertext)?;
        if blob.is_of(&self.target.existing(permit)?.record) {
            Ok(blob)
        } else {
            Err(Error::IncorrectKey)
        }
    }
}

/// AWS's refusal, the same whether or not there is such a key.
fn out_of_reach(cx: &Cx<'_>, Action(action): Action, decided: Option<Box<Decided>>) -> CommonError {
    let text = format!(
        "User: {} is not authorized to perform: {action} on the resource associated with this \
         ciphertext because the resource does not exist in this Region, no resource-based policies \
         allow access, or a resource-based policy explicitly denies access",
        cx.principal.arn()
    );
    CommonError::AccessDenied(Denial { text, decided })
}

/// The model does not require it, the service does.
fn no_ciphertext() -> Error {
    Error::Validation(String::from(
        "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy \
         constraint: Member must not be null",
    ))
}
