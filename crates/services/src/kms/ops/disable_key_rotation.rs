//! `DisableKeyRotation`: has the material of a key stay as it is.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::shapes::KEY_ID;
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DisableKeyRotation;

wire::input! {
    /// What `DisableKeyRotation` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
    }
}

impl Operation for DisableKeyRotation {
    const NAME: &'static str = "DisableKeyRotation";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let keys = target.keys(cx);
        let action = Action("kms:DisableKeyRotation");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = target.enabled(&permit)?;
        let mut resting = KmsKey::clone(&key.record);
        resting.rotation = None;
        dues::save(&mut tx, &permit, resting, key.rev).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
