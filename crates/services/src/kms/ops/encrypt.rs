//! `Encrypt`: up to 4 KiB under a key, bound to an encryption context.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::grant_tokens;
use crate::kms::model::SYMMETRIC_DEFAULT;
use crate::kms::shapes::{ALGORITHM, BOOLEAN, ENCRYPTION_CONTEXT, GRANT_TOKENS, KEY_ID, PLAINTEXT};
use crate::kms::target::Target;
use crate::kms::{encryption_context, uses};
use crate::operation::Operation;
use crate::tx::Reply;
use base::Plaintext;
use std::collections::BTreeMap;
use wire::json;

pub(crate) struct Encrypt;

wire::input! {
    /// What `Encrypt` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        plaintext: Plaintext = required "Plaintext" PLAINTEXT,
        encryption_context: Option<BTreeMap<String, String>> =
            audited "EncryptionContext" ENCRYPTION_CONTEXT,
        grant_tokens: Option<Vec<Plaintext>> = "GrantTokens" GRANT_TOKENS,
        encryption_algorithm: Option<String> = audited "EncryptionAlgorithm" ALGORITHM,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
    }
}

pub(crate) struct Output {
    key_arn: String,
    blob: Vec<u8>,
}

impl Operation for Encrypt {
    const NAME: &'static str = "Encrypt";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_use(cx, &mut tx, &input.key_id).await?;
        let context = encryption_context::pairs(input.encryption_context.as_ref())?;
        let action = Action("kms:Encrypt");
        let permit = target.permit_use(cx, &mut tx, action, &context).await?;

        grant_tokens::check(cx, input.grant_tokens.as_deref())?;
        let key = target.enabled(&permit)?;
        uses::check_algorithm(&key.record, input.encryption_algorithm.as_deref())?;
        uses::check_dry_run(input.dry_run)?;
        let crypto = cx.app.kms.crypto();
        let encrypted = crypto.encrypt(&permit, key, &context, &input.plaintext)?;
        let output = Output {
            key_arn: key.record.arn(),
            blob: encrypted.blob,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.bytes("CiphertextBlob", &self.blob);
        object.text("KeyId", &self.key_arn);
        object.text("EncryptionAlgorithm", SYMMETRIC_DEFAULT);
    }
}
