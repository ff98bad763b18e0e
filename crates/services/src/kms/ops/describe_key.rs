//! `DescribeKey`: everything about a key but its material.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::grant_tokens;
use crate::kms::model::{AWS_KMS, ENCRYPT_DECRYPT, KmsKey, SYMMETRIC_DEFAULT, State};
use crate::kms::shapes::{GRANT_TOKENS, KEY_ID};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;
use base::Plaintext;
use serde_json::json;
use std::sync::Arc;
use wire::json;

pub(crate) struct DescribeKey;

wire::input! {
    /// What `DescribeKey` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        grant_tokens: Option<Vec<Plaintext>> = "GrantTokens" GRANT_TOKENS,
    }
}

/// What `DescribeKey` and `CreateKey` answer.
pub(crate) struct Output(pub(super) Arc<KmsKey>);

impl Operation for DescribeKey {
    const NAME: &'static str = "DescribeKey";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_use(cx, &mut tx, &input.key_id).await?;
        let keys = target.keys(cx);
        let action = Action("kms:DescribeKey");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        grant_tokens::check(cx, input.grant_tokens.as_deref())?;
        let key = Arc::clone(&target.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(key)))
    }
}

impl Output {
    /// As the audit record of `CreateKey` shows it.
    pub(super) fn elements(&self) -> serde_json::Value {
        let key = &self.0;
        json!({ "keyMetadata": {
            "aWSAccountId": key.account.as_str(),
            "keyId": key.id,
            "arn": key.arn(),
            "creationDate": key.created.to_cloudtrail(),
            "enabled": key.state == State::Enabled,
            "description": key.description,
            "keyUsage": ENCRYPT_DECRYPT,
            "keyState": key.state.name(),
            "origin": AWS_KMS,
            "keyManager": key.manager.name(),
            "customerMasterKeySpec": SYMMETRIC_DEFAULT,
            "keySpec": SYMMETRIC_DEFAULT,
            "encryptionAlgorithms": [SYMMETRIC_DEFAULT],
            "multiRegion": false,
        } })
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        let key = &self.0;
        object.object("KeyMetadata", |metadata| {
            metadata.text("AWSAccountId", key.account.as_str());
            metadata.text("KeyId", &key.id);
            metadata.text("Arn", &key.arn());
            metadata.timestamp("CreationDate", key.created);
            metadata.boolean("Enabled", key.state == State::Enabled);
            metadata.text("Description", &key.description);
            metadata.text("KeyUsage", ENCRYPT_DECRYPT);
            metadata.text("KeyState", key.state.name());
            if let State::PendingDeletion { due } = key.state {
                metadata.timestamp("DeletionDate", due);
            }
            metadata.text("Origin", AWS_KMS);
            metadata.text("KeyManager", key.manager.name());
            metadata.text("CustomerMasterKeySpec", SYMMETRIC_DEFAULT);
            metadata.text("KeySpec", SYMMETRIC_DEFAULT);
            metadata.texts("EncryptionAlgorithms", [SYMMETRIC_DEFAULT]);
            metadata.boolean("MultiRegion", false);
            if let Some(material) = key.material.last() {
                metadata.text("CurrentKeyMaterialId", &key.material_id(material.number));
            }
        });
    }
}
