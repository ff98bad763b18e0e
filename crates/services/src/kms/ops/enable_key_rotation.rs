//! `EnableKeyRotation`: has the material of a key renewed every so many days.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html>
//!
//! COMPAT: the first renewal is one period from now, as on AWS. A request that changes nothing does
//! not put it off.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::shapes::{KEY_ID, ROTATION_PERIOD};
use crate::kms::target::Target;
use crate::kms::{dues, rotation};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct EnableKeyRotation;

wire::input! {
    /// What `EnableKeyRotation` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        rotation_period_in_days: Option<i64> = audited "RotationPeriodInDays" ROTATION_PERIOD,
    }
}

impl Operation for EnableKeyRotation {
    const NAME: &'static str = "EnableKeyRotation";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let days = input.rotation_period_in_days;
        let keys = target.keys(cx).opt_text(
            "kms:rotationperiodindays",
            days.map(|days| days.to_string()),
        );
        let action = Action("kms:EnableKeyRotation");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = target.enabled(&permit)?;
        let days = days.unwrap_or(rotation::USUAL_PERIOD_DAYS);
        let known = key.record.rotation;
        if known.is_none_or(|known| known.period_days != days) {
            let mut rotating = KmsKey::clone(&key.record);
            rotating.rotation = Some(rotation::schedule(days, cx.now()));
            dues::save(&mut tx, &permit, rotating, key.rev).await?;
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
