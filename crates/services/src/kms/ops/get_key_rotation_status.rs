//! `GetKeyRotationStatus`: whether and when the material of a key is renewed.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>
//!
//! A disabled key keeps its status; one that is going to be deleted has none until that is taken
//! back.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::{KmsKey, Rotation, State};
use crate::kms::shapes::KEY_ID;
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;

pub(crate) struct GetKeyRotationStatus;

wire::input! {
    /// What `GetKeyRotationStatus` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
    }
}

pub(crate) struct Output(Arc<KmsKey>);

impl Operation for GetKeyRotationStatus {
    const NAME: &'static str = "GetKeyRotationStatus";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::by_key(cx, &mut tx, &input.key_id).await?;
        let keys = target.keys(cx);
        let action = Action("kms:GetKeyRotationStatus");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = Arc::clone(&target.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(key)))
    }
}

impl Output {
    fn rotation(&self) -> Option<Rotation> {
        let key = &self.0;
        key.rotation.filter(|_| match key.state {
            State::Enabled | State::Disabled => true,
            State::PendingDeletion { .. } => false,
        })
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        let rotation = self.rotation();
        object.boolean("KeyRotationEnabled", rotation.is_some());
        object.text("KeyId", &self.0.id);
        if let Some(rotation) = rotation {
            object.integer("RotationPeriodInDays", rotation.period_days);
            object.timestamp("NextRotationDate", rotation.next);
        }
    }
}
