//! `DeleteTrail`: a trail is no more. What it delivered stays, and what happened until now is delivered.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html>

use super::create_trail::{counter, counter_of_all_regions};
use crate::authorize::Action;
use crate::cloudtrail::delivery::end;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::{Delivery, LogDelivery};
use crate::cloudtrail::shapes::TRAIL;
use crate::cloudtrail::target::Target;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use store::Record as _;

pub(crate) struct DeleteTrail;

wire::input! {
    /// What `DeleteTrail` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" TRAIL,
    }
}

impl Operation for DeleteTrail {
    const NAME: &'static str = "DeleteTrail";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudtrail:DeleteTrail"))?;

        let found = target.to_change(cx, &permit)?;
        let trail = &found.record;
        let key = trail.key();
        tx.delete::<Trail>(&permit, &key, found.rev);
        if let Some(delivery) = tx.get::<Delivery>(&key).await? {
            tx.delete::<Delivery>(&permit, &key, delivery.rev);
            let trail = Trail::clone(trail);
            if let Some(last) = end(&mut tx, trail, &delivery.record, cx.now()).await? {
                tx.insert(&permit, last);
            }
        }
        if let Some(delivery) = tx.get::<LogDelivery>(&key).await? {
            tx.delete::<LogDelivery>(&permit, &key, delivery.rev);
        }
        tx.count(&permit, &counter(&trail.account, &trail.region), -1, None);
        if trail.is_multi_region {
            tx.count(&permit, &counter_of_all_regions(&trail.account), -1, None);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
