//! Values: encrypting them under a data key of their own, and opening them again.
//!
//! Behaviour reference §12.1: AES-256 under a data key that KMS wraps with the encryption context
//! `SecretARN`, `SecretVersionId`.

use super::DEFAULT_KEY;
use super::error::Error;
use super::model::Secret;
use super::records::{Form, SecretValue, WrappedKey};
use super::versions::MAX_VERSIONS;
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::ports::{DataKeyCall, DataKeyError, KeyChoice};
use crate::tx::Tx;
use base::{AccountId, CommonError, Context, Plaintext, RegionName};
use seal::AeadKey;
use store::Versioned;

/// A value as a request gives it.
pub(crate) struct GivenValue<'a> {
    form: Form,
    bytes: &'a Plaintext,
}

impl<'a> GivenValue<'a> {
    /// The one value that a request gives, if any.
    ///
    /// # Errors
    /// [`Error::BothValues`].
    pub(crate) fn of(
        string: Option<&'a Plaintext>,
        binary: Option<&'a Plaintext>,
    ) -> Result<Option<Self>, Error> {
        match (string, binary) {
            (Some(_), Some(_)) => Err(Error::BothValues),
            (Some(bytes), None) => Ok(Some(Self {
                form: Form::Text,
                bytes,
            })),
            (None, Some(bytes)) => Ok(Some(Self {
                form: Form::Binary,
                bytes,
            })),
            (None, None) => Ok(None),
        }
    }
}

/// Which key `named` means for a secret of `account`.
///
/// # Errors
/// [`Error::UnknownKey`]; [`Error::DefaultKeyAcrossAccounts`] for the default key of another account
/// than the caller's.
pub(crate) async fn choose_key(
    cx: &Cx<'_>,
    account: &AccountId,
    named: Option<&str>,
) -> Result<KeyChoice, Error> {
    let call = kms_call(cx, account, cx.region);
    Ok(cx.data_keys().choose(call, named).await?)
}

/// The ARN of the key that `named` means for a secret of `account`, if it means one.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn key_arn(
    cx: &Cx<'_>,
    account: &AccountId,
    named: Option<&str>,
) -> Result<Option<String>, Error> {
    match named {
        Some(named) => Ok(cx
            .data_keys()
            .arn(kms_call(cx, account, cx.region), named)
            .await?),
        None => Ok(None),
    }
}

/// Encrypts `value` as the version `version_id` of `secret`.
///
/// # Errors
/// When KMS refuses.
pub(crate) async fn encrypt(
    cx: &Cx<'_>,
    secret: &Secret,
    version_id: &str,
    value: &GivenValue<'_>,
) -> Result<SecretValue, Error> {
    let call = kms_call(cx, &secret.account, &secret.region);
    let arn = secret.arn();
    let context = [("SecretARN", arn.as_str()), ("SecretVersionId", version_id)];
    let data_key = cx.data_keys().generate(call, &secret.key, &context).await?;
    let ciphertext = AeadKey::new(data_key.plaintext.expose())
        .and_then(|key| {
            key.seal(
                cx.entropy(),
                &aad(&arn, version_id, value.form),
                value.bytes.expose(),
            )
        })
        .map_err(CommonError::internal)?;
    Ok(SecretValue {
        account: secret.account.clone(),
        region: secret.region.clone(),
        name: secret.name.clone(),
        suffix: secret.suffix.clone(),
        version_id: version_id.to_owned(),
        created: cx.now(),
        accessed: None,
        form: value.form,
        wrapped_keys: vec![WrappedKey {
            key: secret.key.clone(),
            blob: data_key.wrapped,
        }],
        ciphertext,
    })
}

/// Opens a stored value.
///
/// # Errors
/// [`Error::DecryptionFailure`] when none of its wrapped keys opens it; when KMS refuses.
pub(crate) async fn decrypt(
    cx: &Cx<'_>,
    _: &Permit,
    secret: &Secret,
    value: &SecretValue,
) -> Result<Plaintext, Error> {
    let call = kms_call(cx, &secret.account, &secret.region);
    let arn = secret.arn();
    let context = [
        ("SecretARN", arn.as_str()),
        ("SecretVersionId", value.version_id.as_str()),
    ];
    for wrapped in &value.wrapped_keys {
        let key = match cx.data_keys().decrypt(call, &wrapped.blob, &context).await {
            Ok(key) => key,
            Err(DataKeyError::NotDecryptable) => continue,
            Err(error) => return Err(error.into()),
        };
        let aad = aad(&arn, &value.version_id, value.form);
        let opened = AeadKey::new(key.expose()).and_then(|key| key.open(&aad, &value.ciphertext));
        return opened.map_err(|error| Error::DecryptionFailure(error.to_string()));
    }
    Err(DataKeyError::NotDecryptable.into())
}

/// The stored value of the version `version_id`, if there is such a version.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    _: &Permit,
    secret: &Secret,
    version_id: &str,
) -> Result<Option<Versioned<SecretValue>>, CommonError> {
    Ok(tx.get::<SecretValue>(&secret.value_key(version_id)).await?)
}

/// All versions of `secret`, oldest first.
pub(crate) async fn all(
    tx: &mut Tx<'_>,
    _: &Permit,
    secret: &Secret,
) -> Result<Vec<Versioned<SecretValue>>, CommonError> {
    let most = MAX_VERSIONS.saturating_add(1);
    Ok(tx
        .query::<SecretValue>(&secret.versions_by_age(most))
        .await?)
}

/// A request is a repetition when its token names a version that exists: then the value must be
/// the same, kind and bytes (behaviour reference §3.4).
///
/// # Errors
/// [`Error::TokenInUse`].
pub(crate) async fn same_as_stored(
    cx: &Cx<'_>,
    permit: &Permit,
    secret: &Secret,
    stored: &SecretValue,
    given: &GivenValue<'_>,
) -> Result<(), Error> {
    let value = decrypt(cx, permit, secret, stored).await?;
    let is_same = stored.form == given.form
        && aws_lc_rs::constant_time::verify_slices_are_equal(value.expose(), given.bytes.expose())
            .is_ok();
    if is_same {
        Ok(())
    } else {
        Err(Error::TokenInUse {
            token: stored.version_id.clone(),
            arn: secret.arn(),
        })
    }
}

fn kms_call<'a>(cx: &'a Cx<'a>, account: &'a AccountId, region: &'a RegionName) -> DataKeyCall<'a> {
    DataKeyCall {
        cx,
        account,
        region,
        managed_alias: DEFAULT_KEY,
    }
}

fn aad(arn: &str, version_id: &str, form: Form) -> Vec<u8> {
    let form: &[u8] = match form {
        Form::Text => b"text",
        Form::Binary => b"binary",
    };
    Context(&[
        b"secretsmanager",
        b"value",
        arn.as_bytes(),
        version_id.as_bytes(),
        form,
    ])
    .to_aad()
}

impl From<DataKeyError> for Error {
    fn from(error: DataKeyError) -> Self {
        match error {
            DataKeyError::ForeignCaller => Self::DefaultKeyAcrossAccounts,
            DataKeyError::NoSuchKey(named) => Self::UnknownKey(named),
            DataKeyError::NotDecryptable => Self::DecryptionFailure(error.to_string()),
            DataKeyError::Common(error) => Self::Common(error),
        }
    }
}

#[cfg(test)]
mod tests;
