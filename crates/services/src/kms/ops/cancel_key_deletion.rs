//! `CancelKeyDeletion`: keeps a key that was to be deleted. It is disabled then.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::model::{KmsKey, State};
use crate::kms::shapes::KEY_ID;
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;
use serde_json::json;
use wire::json;

pub(crate) struct CancelKeyDeletion;

wire::input! {
    /// What `CancelKeyDeletion` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
    }
}

/// The ARN of the key.
pub(crate) struct Output(String);

impl Operation for CancelKeyDeletion {
    const NAME: &'static str = "CancelKeyDeletion";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let action = Action("kms:CancelKeyDeletion");
        let permit = target.permit(cx, &mut tx, action, &target.keys(cx)).await?;

        let found = target.existing(&permit)?;
        let output = Output(found.record.arn());
        if !matches!(found.record.state, State::PendingDeletion { .. }) {
            return Err(Error::NotPendingDeletion(output.0));
        }
        let key = KmsKey {
            state: State::Disabled,
            ..KmsKey::clone(&found.record)
        };
        let answered = json!({ "keyId": output.0 });
        dues::save(&mut tx, &permit, key, found.rev).await?;
        let recorded = tx.commit(cx.event(&permit).responding(answered)).await?;

        Ok(recorded.reply(output))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("KeyId", &self.0);
    }
}
