//! `GenerateDataKey`: a new key to encrypt data with, in the clear and under a key of KMS.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::kms::crypto::Encrypted;
use crate::kms::error::Error;
use crate::kms::shapes::{
    ATTESTATION_DOCUMENT, BOOLEAN, DATA_KEY_SPEC, ENCRYPTION_CONTEXT, GRANT_TOKENS,
    KEY_ENCRYPTION_ALGORITHM, KEY_ID, NUMBER_OF_BYTES,
};
use crate::kms::target::Target;
use crate::kms::{encryption_context, grant_tokens, uses};
use crate::operation::Operation;
use crate::ports::EncryptionContext;
use crate::tx::Reply;
use base::Plaintext;
use std::collections::BTreeMap;
use wire::{Input as _, Shape, json};

pub(crate) struct GenerateDataKey;

wire::input! {
    /// What `GenerateDataKey` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        encryption_context: Option<BTreeMap<String, String>> =
            audited "EncryptionContext" ENCRYPTION_CONTEXT,
        number_of_bytes: Option<i64> = audited "NumberOfBytes" NUMBER_OF_BYTES,
        key_spec: Option<String> = audited "KeySpec" DATA_KEY_SPEC,
        grant_tokens: Option<Vec<Plaintext>> = "GrantTokens" GRANT_TOKENS,
        recipient: Option<Recipient> = "Recipient" RECIPIENT,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
    }
}

wire::input! {
    /// An enclave that the answer would be encrypted for.
    pub(crate) struct Recipient {
        _algorithm: Option<String> = "KeyEncryptionAlgorithm" KEY_ENCRYPTION_ALGORITHM,
        _attestation: Option<Plaintext> = "AttestationDocument" ATTESTATION_DOCUMENT,
    }
}

/// COMPAT: there are no Nitro enclaves here, so it is refused.
pub(super) const RECIPIENT: Shape = Shape::structure(Recipient::SHAPE);

pub(crate) struct Output {
    key_arn: String,
    material_id: String,
    data_key: DataKey,
}

/// A data key, and itself under a key of KMS.
pub(super) struct DataKey {
    pub(super) plaintext: Plaintext,
    pub(super) encrypted: Encrypted,
}

impl Operation for GenerateDataKey {
    const NAME: &'static str = "GenerateDataKey";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_use(cx, &mut tx, &input.key_id).await?;
        let context = encryption_context::pairs(input.encryption_context.as_ref())?;
        let action = Action("kms:GenerateDataKey");
        let permit = target.permit_use(cx, &mut tx, action, &context).await?;

        grant_tokens::check(cx, input.grant_tokens.as_deref())?;
        uses::check_recipient(input.recipient.is_some())?;
        let length = data_key_length(input.key_spec.as_deref(), input.number_of_bytes)?;
        let data_key = generate(cx, &permit, &target, &context, length)?;
        uses::check_dry_run(input.dry_run)?;
        let key = &target.existing(&permit)?.record;
        let output = Output {
            key_arn: key.arn(),
            material_id: key.material_id(data_key.encrypted.material),
            data_key,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

/// How many bytes are wanted.
///
/// # Errors
/// [`Error::Validation`] unless exactly one of the two says it.
pub(super) fn data_key_length(spec: Option<&str>, bytes: Option<i64>) -> Result<usize, Error> {
    let length = match (spec, bytes) {
        (Some("AES_128"), None) => Some(16),
        (Some(_), None) => Some(32),
        (None, Some(bytes)) => usize::try_from(bytes).ok(),
        (None, None) | (Some(_), Some(_)) => None,
    };
    length.ok_or_else(|| Error::Validation(EITHER.to_owned()))
}

/// Draws a data key under the key of `target`.
///
/// # Errors
/// As [`Target::enabled`]; a failure of ours.
pub(super) fn generate(
    cx: &Cx<'_>,
    permit: &Permit,
    target: &Target,
    context: EncryptionContext<'_>,
    length: usize,
) -> Result<DataKey, Error> {
    let key = target.enabled(permit)?;
    let crypto = cx.app.kms.crypto();
    let plaintext = crypto.random(length);
    let encrypted = crypto.encrypt(permit, key, context, &plaintext)?;
    Ok(DataKey {
        plaintext,
        encrypted,
    })
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.bytes("CiphertextBlob", &self.data_key.encrypted.blob);
        object.blob("Plaintext", &self.data_key.plaintext);
        object.text("KeyId", &self.key_arn);
        object.text("KeyMaterialId", &self.material_id);
    }
}

const EITHER: &str = "Please specify either number of bytes or key spec.";
