//! `RotateKeyOnDemand`: renews the material of a key now; its schedule stays as it is.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html>
//!
//! COMPAT: AWS renews some time later; here it is done when the answer is sent.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::{Cause, KmsKey};
use crate::kms::shapes::KEY_ID;
use crate::kms::target::Target;
use crate::kms::{dues, rotation};
use crate::operation::Operation;
use crate::tx::Reply;
use wire::json;

pub(crate) struct RotateKeyOnDemand;

wire::input! {
    /// What `RotateKeyOnDemand` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
    }
}

pub(crate) struct Output {
    key_id: String,
}

impl Operation for RotateKeyOnDemand {
    const NAME: &'static str = "RotateKeyOnDemand";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let keys = target.keys(cx);
        let action = Action("kms:RotateKeyOnDemand");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = target.enabled(&permit)?;
        rotation::check_demand(&key.record)?;
        let mut renewed = KmsKey::clone(&key.record);
        let (crypto, now) = (cx.app.kms.crypto(), cx.now());
        crypto.renew(&mut renewed, now, Cause::Demand)?;
        let line = rotation::event(cx.entropy(), &renewed, Cause::Demand, now);
        let key_id = renewed.id.clone();
        dues::save(&mut tx, &permit, renewed, key.rev).await?;
        let elements = serde_json::json!({ "keyId": key_id });
        let event = cx.event(&permit).responding(elements).with(vec![line]);
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(Output { key_id }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("KeyId", &self.key_id);
    }
}
