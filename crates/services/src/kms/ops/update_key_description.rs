//! `UpdateKeyDescription`: says something else of a key.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::shapes::{DESCRIPTION, KEY_ID};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;
use serde_json::json;

pub(crate) struct UpdateKeyDescription;

wire::input! {
    /// What `UpdateKeyDescription` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        description: String = required audited "Description" DESCRIPTION,
    }
}

impl Operation for UpdateKeyDescription {
    const NAME: &'static str = "UpdateKeyDescription";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let action = Action("kms:UpdateKeyDescription");
        let permit = target.permit(cx, &mut tx, action, &target.keys(cx)).await?;

        let found = target.lasting(&permit)?;
        let key = KmsKey {
            description: input.description.clone(),
            ..KmsKey::clone(&found.record)
        };
        let answered = json!({ "keyId": key.arn() });
        dues::save(&mut tx, &permit, key, found.rev).await?;
        let recorded = tx.commit(cx.event(&permit).responding(answered)).await?;

        Ok(recorded.reply(()))
    }
}
