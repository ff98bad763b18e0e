//! `ReEncrypt`: a ciphertext under another key, or in another encryption context, without the
//! plaintext leaving.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::SYMMETRIC_DEFAULT;
use crate::kms::shapes::{
    ALGORITHM, BOOLEAN, CIPHERTEXT, DRY_RUN_MODIFIERS, ENCRYPTION_CONTEXT, GRANT_TOKENS, KEY_ID,
};
use crate::kms::sources::Source;
use crate::kms::target::Target;
use crate::kms::{encryption_context, grant_tokens, uses};
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use base::{CommonError, Plaintext};
use std::collections::BTreeMap;
use wire::json;

pub(crate) struct ReEncrypt;

wire::input! {
    /// What `ReEncrypt` takes.
    pub(crate) struct Input {
        ciphertext_blob: Option<Plaintext> = "CiphertextBlob" CIPHERTEXT,
        source_encryption_context: Option<BTreeMap<String, String>> =
            audited "SourceEncryptionContext" ENCRYPTION_CONTEXT,
        source_key_id: Option<String> = audited "SourceKeyId" KEY_ID,
        destination_key_id: String = required audited "DestinationKeyId" KEY_ID,
        destination_encryption_context: Option<BTreeMap<String, String>> =
            audited "DestinationEncryptionContext" ENCRYPTION_CONTEXT,
        source_encryption_algorithm: Option<String> =
            audited "SourceEncryptionAlgorithm" ALGORITHM,
        destination_encryption_algorithm: Option<String> =
            audited "DestinationEncryptionAlgorithm" ALGORITHM,
        grant_tokens: Option<Vec<Plaintext>> = "GrantTokens" GRANT_TOKENS,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
        dry_run_modifiers: Option<Vec<String>> = audited "DryRunModifiers" DRY_RUN_MODIFIERS,
    }
}

pub(crate) struct Output {
    blob: Vec<u8>,
    source_arn: String,
    key_arn: String,
    source_material_id: String,
    material_id: String,
}

impl Operation for ReEncrypt {
    const NAME: &'static str = "ReEncrypt";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let way = Way {
            from: encryption_context::pairs(input.source_encryption_context.as_ref())?,
            to: encryption_context::pairs(input.destination_encryption_context.as_ref())?,
        };
        let blob = input.ciphertext_blob.as_ref();
        let source = Source::find(cx, &mut tx, input.source_key_id.as_deref(), blob).await?;
        let target = Target::to_use(cx, &mut tx, &input.destination_key_id).await?;
        let (from, to) = way.permits(cx, &mut tx, &source, &target).await?;

        grant_tokens::check(cx, input.grant_tokens.as_deref())?;
        let (old, new) = (source.enabled(&from)?, target.enabled(&to)?);
        uses::check_algorithm(&old.record, input.source_encryption_algorithm.as_deref())?;
        uses::check_algorithm(
            &new.record,
            input.destination_encryption_algorithm.as_deref(),
        )?;
        uses::check_ignored(input.dry_run, input.dry_run_modifiers.as_deref())?;
        let blob = source.blob(&from)?;
        let crypto = cx.app.kms.crypto();
        let decrypted = crypto.decrypt(&from, old, &way.from, &blob)?;
        let encrypted = crypto.encrypt(&to, new, &way.to, &decrypted.plaintext)?;
        uses::check_dry_run(input.dry_run)?;
        let output = Output {
            blob: encrypted.blob,
            source_arn: old.record.arn(),
            key_arn: new.record.arn(),
            source_material_id: old.record.material_id(decrypted.material),
            material_id: new.record.material_id(encrypted.material),
        };
        let recorded = tx.finish(cx.event(&to).from(&from)).await?;

        Ok(recorded.reply(output))
    }
}

/// The encryption contexts at both ends.
struct Way<'a> {
    from: Vec<(&'a str, &'a str)>,
    to: Vec<(&'a str, &'a str)>,
}

impl Way<'_> {
    /// The leave for both ends.
    async fn permits(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        source: &Source<'_>,
        target: &Target,
    ) -> Result<(Permit, Permit), Error> {
        let is_same = Some(source.is_key_of(target));
        let same_key = "kms:reencryptonsamekey";
        let keys = source.keys(cx).flag(same_key, is_same);
        let from = encryption_context::keys(keys, &self.from);
        let action = Action("kms:ReEncryptFrom");
        let from = source.permit(cx, tx, action, &from, &self.from).await?;
        let keys = target.keys(cx).flag(same_key, is_same);
        let to = encryption_context::keys(keys, &self.to);
        let action = Action("kms:ReEncryptTo");
        let to = target.ask(cx, tx, action, &to, Some(&self.to)).await?;
        let to = to.map_err(CommonError::from)?;
        Ok((from, to))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.bytes("CiphertextBlob", &self.blob);
        object.text("SourceKeyId", &self.source_arn);
        object.text("KeyId", &self.key_arn);
        object.text("SourceEncryptionAlgorithm", SYMMETRIC_DEFAULT);
        object.text("DestinationEncryptionAlgorithm", SYMMETRIC_DEFAULT);
        object.text("SourceKeyMaterialId", &self.source_material_id);
        object.text("DestinationKeyMaterialId", &self.material_id);
    }
}
