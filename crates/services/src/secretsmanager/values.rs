//! Values: encrypting them under a data key of their own, and opening them again.
//!
//! Behaviour reference §12.1: AES-256 under a data key that KMS wraps with the encryption context
//! `SecretARN`, `SecretVersionId`.

pub(crate) mod in_play;

use super::error::Error;
use super::model::Secret;
use super::records::{Form, SecretValue, WrappedKey};
use super::versions::{AWSCURRENT, AWSPENDING, AWSPREVIOUS, MOST_VERSIONS, Version};
use super::{DEFAULT_KEY, EVENT_SOURCE};
use crate::authorize::Permit;
use crate::cx::Cx;
use crate::ports::{DataKeyCall, DataKeyError, KeyChoice, WrappedDataKey};
use crate::tx::Tx;
use base::{AccountId, CommonError, Context, Plaintext, RegionName, Timestamp};
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

/// The one value that a request gives, if any. It is noted first, as its caller knows it whatever
/// becomes of the request.
///
/// # Errors
/// [`Error::BothValues`].
pub(crate) fn given<'a>(
    cx: &Cx<'_>,
    string: Option<&'a Plaintext>,
    binary: Option<&'a Plaintext>,
) -> Result<Option<GivenValue<'a>>, Error> {
    string
        .iter()
        .chain(&binary)
        .for_each(|value| cx.note(value));
    GivenValue::of(string, binary)
}

/// Which key `named` means for a secret of `account`: the one that [`key_arn`] found.
///
/// # Errors
/// [`Error::DefaultKeyAcrossAccounts`] for the default key of another account than the caller's.
pub(crate) async fn choose_key(
    cx: &Cx<'_>,
    account: &AccountId,
    named: Option<&str>,
    arn: Option<String>,
) -> Result<KeyChoice, Error> {
    let call = kms_call(cx, account, cx.region);
    let choice = cx.data_keys().choose(call, named).await;
    let choice = choice.map_err(not_encrypted)?;
    Ok(KeyChoice {
        meaning: arn.into(),
        ..choice
    })
}

/// The ARN of the key that `named` means for the secret `secret_arn` of `account`, if it means one.
///
/// # Errors
/// [`Error::AccessToKms`] for an alias of a third account whose key the caller may not use; a failure
/// of the store.
pub(crate) async fn key_arn(
    cx: &Cx<'_>,
    account: &AccountId,
    secret_arn: &str,
    named: Option<&str>,
) -> Result<Option<String>, Error> {
    match named {
        Some(named) => {
            let call = kms_call(cx, account, cx.region);
            let context = context(secret_arn, TRIAL);
            let arn = cx.data_keys().arn(call, named, &context).await;
            arn.map_err(not_encrypted)
        }
        None => Ok(None),
    }
}

/// Tries the key that `secret` is to have: whether it is there, and the caller may use it both ways.
/// The default key needs no trial.
///
/// # Errors
/// [`Error::UnknownKey`], [`Error::AccessToKms`], [`Error::EncryptionFailure`],
/// [`Error::DecryptionFailure`].
pub(crate) async fn try_key(cx: &Cx<'_>, secret: &Secret) -> Result<(), Error> {
    let Some(named) = &secret.key.customer_key else {
        return Ok(());
    };
    let call = kms_call(cx, &secret.account, &secret.region);
    let arn = secret.arn();
    let context = context(&arn, TRIAL);
    let made = cx.data_keys().generate(call, &secret.key, &context).await;
    let made = made.map_err(|error| match error {
        DataKeyError::NoSuchKey(_) => Error::UnknownKey(named.clone()),
        other => not_encrypted(other),
    })?;
    let opened = cx.data_keys().decrypt(call, &made.wrapped.blob, &context);
    opened.await.map(drop).map_err(not_decrypted)
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
    let context = context(&arn, version_id);
    let data_key = cx.data_keys().generate(call, &secret.key, &context).await;
    let data_key = data_key.map_err(not_encrypted)?;
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
        wrapped_keys: vec![data_key.wrapped.into()],
        ciphertext,
        copy_of: None,
    })
}

/// A copy of `value` as the version `version_id`, for the time of a test.
///
/// COMPAT: RotateSecret makes no call to KMS, so the copy goes on being bound to the version that it
/// was made from.
pub(crate) fn copy(value: &SecretValue, version_id: &str, now: Timestamp) -> SecretValue {
    SecretValue {
        version_id: version_id.to_owned(),
        created: now,
        accessed: None,
        copy_of: Some(value.bound_to().to_owned()),
        ..value.clone()
    }
}

/// Opens a stored value with any of its wrapped keys.
///
/// # Errors
/// What KMS says of the newest of them when none opens it.
pub(crate) async fn decrypt(
    cx: &Cx<'_>,
    _: &Permit,
    secret: &Secret,
    value: &SecretValue,
) -> Result<Plaintext, Error> {
    let key = data_key(cx, secret, value).await.map_err(not_decrypted)?;
    let aad = aad(&secret.arn(), value.bound_to(), value.form);
    let opened = AeadKey::new(key.expose()).and_then(|key| key.open(&aad, &value.ciphertext));
    let opened = opened.map_err(|error| Error::DecryptionFailure(error.to_string()))?;
    cx.note(&opened);
    Ok(opened)
}

/// The data key of a stored value.
async fn data_key(
    cx: &Cx<'_>,
    secret: &Secret,
    value: &SecretValue,
) -> Result<Plaintext, DataKeyError> {
    let call = kms_call(cx, &secret.account, &secret.region);
    let arn = secret.arn();
    let context = context(&arn, value.bound_to());
    let mut refusal = None;
    for wrapped in &value.wrapped_keys {
        match cx.data_keys().decrypt(call, &wrapped.blob, &context).await {
            Ok(key) => return Ok(key),
            Err(error @ DataKeyError::Common(_)) => return Err(error),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    Err(refusal.unwrap_or(DataKeyError::NotDecryptable))
}

/// Wraps the data keys of the versions that matter under the key that `secret` has now, and keeps
/// the old wrappings too (behaviour reference §12.4).
///
/// COMPAT: a version that the caller could not open, or not wrap again, is left as it is and nothing
/// is said of it.
///
/// # Errors
/// A failure of ours.
pub(crate) async fn rewrap(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    secret: &Secret,
) -> Result<(), CommonError> {
    let matters = |version: &&Version| REWRAPPED.iter().any(|label| version.has(label));
    for version in secret.versions.labelled().filter(matters) {
        let Some(found) = find(tx, permit, secret, &version.id).await? else {
            continue;
        };
        match wrapped_again(cx, secret, &found.record).await {
            Ok(Some(value)) => tx.update(permit, value, found.rev),
            Ok(None) => {}
            Err(DataKeyError::Common(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(())
}

/// `value` with its data key wrapped under the key of `secret` as well, unless it is already, and
/// first of all.
///
/// INVARIANT: a value has one wrapping under one key. Which key a customer's is, only KMS can say:
/// the same name may mean another key by now, and another name the same.
async fn wrapped_again(
    cx: &Cx<'_>,
    secret: &Secret,
    value: &SecretValue,
) -> Result<Option<SecretValue>, DataKeyError> {
    let mut value = value.clone();
    if secret.key.customer_key.is_none() {
        let is_default = |one: &WrappedKey| one.key.customer_key.is_none();
        if let Some(known) = value.wrapped_keys.iter().position(is_default) {
            value.wrapped_keys.rotate_left(known);
            return Ok(Some(value).filter(|_| known > 0));
        }
    }
    let data_key = data_key(cx, secret, &value).await?;
    let call = kms_call(cx, &secret.account, &secret.region);
    let secret_arn = secret.arn();
    let context = context(&secret_arn, value.bound_to());
    let keys = cx.data_keys();
    let wrapped = keys.encrypt(call, &secret.key, &context, &data_key).await?;
    let is_same = |one: &WrappedKey| one.key == wrapped.key;
    if value.wrapped_keys.first().is_some_and(is_same) {
        return Ok(None);
    }
    value.wrapped_keys.retain(|one| !is_same(one));
    value.wrapped_keys.insert(0, wrapped.into());
    value.wrapped_keys.truncate(MOST_WRAPPINGS);
    Ok(Some(value))
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
    let most = MOST_VERSIONS.saturating_add(1);
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
        service: EVENT_SOURCE,
        managed_alias: DEFAULT_KEY,
    }
}

/// What the data key of a version is bound to.
fn context<'a>(arn: &'a str, version_id: &'a str) -> [(&'static str, &'a str); 2] {
    [("SecretARN", arn), ("SecretVersionId", version_id)]
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

impl From<WrappedDataKey> for WrappedKey {
    fn from(wrapped: WrappedDataKey) -> Self {
        Self {
            key: wrapped.key,
            blob: wrapped.blob,
        }
    }
}

/// What a refusal of KMS means to who writes a value (behaviour reference §12.3).
fn not_encrypted(error: DataKeyError) -> Error {
    of_kms(error, Error::EncryptionFailure)
}

/// What it means to who reads one.
fn not_decrypted(error: DataKeyError) -> Error {
    of_kms(error, Error::DecryptionFailure)
}

fn of_kms(error: DataKeyError, failure: fn(String) -> Error) -> Error {
    match error {
        DataKeyError::Denied(decided) => Error::AccessToKms(decided),
        DataKeyError::ForeignCaller => Error::DefaultKeyAcrossAccounts,
        DataKeyError::NoSuchKey(_) | DataKeyError::NotDecryptable | DataKeyError::Refused(_) => {
            failure(error.to_string())
        }
        DataKeyError::Common(error) => Error::Common(error),
    }
}

/// Stands for a version where a key is only tried.
const TRIAL: &str = "RequestToValidateKeyAccess";
/// The labels of the versions that a new key is used for at once.
const REWRAPPED: [&str; 3] = [AWSCURRENT, AWSPENDING, AWSPREVIOUS];
/// How many keys may open one version.
///
/// COMPAT: AWS's number is unrecorded; this one keeps a value from growing with every change of key.
const MOST_WRAPPINGS: usize = 20;

#[cfg(test)]
mod tests;
