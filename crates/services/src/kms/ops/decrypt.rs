//! `Decrypt`: the plaintext of a ciphertext, in the encryption context it was made in.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::SYMMETRIC_DEFAULT;
use crate::kms::shapes::{
    ALGORITHM, BOOLEAN, CIPHERTEXT, DRY_RUN_MODIFIERS, ENCRYPTION_CONTEXT, GRANT_TOKENS, KEY_ID,
};
use crate::kms::sources::Source;
use crate::kms::{encryption_context, grant_tokens, uses};
use crate::operation::Operation;
use crate::tx::Reply;
use base::Plaintext;
use std::collections::BTreeMap;
use wire::json;

use super::generate_data_key::{RECIPIENT, Recipient};

pub(crate) struct Decrypt;

wire::input! {
    /// What `Decrypt` takes.
    pub(crate) struct Input {
        ciphertext_blob: Option<Plaintext> = "CiphertextBlob" CIPHERTEXT,
        encryption_context: Option<BTreeMap<String, String>> =
            audited "EncryptionContext" ENCRYPTION_CONTEXT,
        grant_tokens: Option<Vec<Plaintext>> = "GrantTokens" GRANT_TOKENS,
        key_id: Option<String> = audited "KeyId" KEY_ID,
        encryption_algorithm: Option<String> = audited "EncryptionAlgorithm" ALGORITHM,
        recipient: Option<Recipient> = "Recipient" RECIPIENT,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
        dry_run_modifiers: Option<Vec<String>> = audited "DryRunModifiers" DRY_RUN_MODIFIERS,
    }
}

pub(crate) struct Output {
    key_arn: String,
    plaintext: Plaintext,
    material_id: String,
}

impl Operation for Decrypt {
    const NAME: &'static str = "Decrypt";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let blob = input.ciphertext_blob.as_ref();
        let source = Source::find(cx, &mut tx, input.key_id.as_deref(), blob).await?;
        let context = encryption_context::pairs(input.encryption_context.as_ref())?;
        let action = Action("kms:Decrypt");
        let keys = encryption_context::keys(source.keys(cx), &context);
        let permit = source.permit(cx, &mut tx, action, &keys, &context).await?;

        grant_tokens::check(cx, input.grant_tokens.as_deref())?;
        let key = source.enabled(&permit)?;
        uses::check_algorithm(&key.record, input.encryption_algorithm.as_deref())?;
        uses::check_recipient(input.recipient.is_some())?;
        uses::check_ignored(input.dry_run, input.dry_run_modifiers.as_deref())?;
        let blob = source.blob(&permit)?;
        let crypto = cx.app.kms.crypto();
        let decrypted = crypto.decrypt(&permit, key, &context, &blob)?;
        uses::check_dry_run(input.dry_run)?;
        cx.note(&decrypted.plaintext);
        let output = Output {
            key_arn: key.record.arn(),
            plaintext: decrypted.plaintext,
            material_id: key.record.material_id(decrypted.material),
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("KeyId", &self.key_arn);
        object.blob("Plaintext", &self.plaintext);
        object.text("EncryptionAlgorithm", SYMMETRIC_DEFAULT);
        object.text("KeyMaterialId", &self.material_id);
    }
}
