//! `GenerateDataKeyWithoutPlaintext`: a new key to encrypt data with, to be used later.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html>

use super::generate_data_key::{data_key_length, generate};
use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::shapes::{
    BOOLEAN, DATA_KEY_SPEC, ENCRYPTION_CONTEXT, GRANT_TOKENS, KEY_ID, NUMBER_OF_BYTES,
};
use crate::kms::target::Target;
use crate::kms::{encryption_context, grant_tokens, uses};
use crate::operation::Operation;
use crate::tx::Reply;
use base::Plaintext;
use std::collections::BTreeMap;
use wire::json;

pub(crate) struct GenerateDataKeyWithoutPlaintext;

wire::input! {
    /// What `GenerateDataKeyWithoutPlaintext` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        encryption_context: Option<BTreeMap<String, String>> =
            audited "EncryptionContext" ENCRYPTION_CONTEXT,
        key_spec: Option<String> = audited "KeySpec" DATA_KEY_SPEC,
        number_of_bytes: Option<i64> = audited "NumberOfBytes" NUMBER_OF_BYTES,
        grant_tokens: Option<Vec<Plaintext>> = "GrantTokens" GRANT_TOKENS,
        dry_run: Option<bool> = audited "DryRun" BOOLEAN,
    }
}

pub(crate) struct Output {
    key_arn: String,
    material_id: String,
    blob: Vec<u8>,
}

impl Operation for GenerateDataKeyWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyWithoutPlaintext";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_use(cx, &mut tx, &input.key_id).await?;
        let context = encryption_context::pairs(input.encryption_context.as_ref())?;
        let action = Action("kms:GenerateDataKeyWithoutPlaintext");
        let permit = target.permit_use(cx, &mut tx, action, &context).await?;

        grant_tokens::check(cx, input.grant_tokens.as_deref())?;
        let length = data_key_length(input.key_spec.as_deref(), input.number_of_bytes)?;
        let data_key = generate(cx, &permit, &target, &context, length)?;
        uses::check_dry_run(input.dry_run)?;
        let key = &target.existing(&permit)?.record;
        let output = Output {
            key_arn: key.arn(),
            material_id: key.material_id(data_key.encrypted.material),
            blob: data_key.encrypted.blob,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.bytes("CiphertextBlob", &self.blob);
        object.text("KeyId", &self.key_arn);
        object.text("KeyMaterialId", &self.material_id);
    }
}
