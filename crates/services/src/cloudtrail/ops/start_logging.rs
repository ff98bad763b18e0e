//! `StartLogging`: a trail delivers what happens from now on.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html>

use crate::authorize::{Action, Permit};
use crate::cloudtrail::delivery::{begin, delivered};
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::Delivery;
use crate::cloudtrail::shapes::TRAIL;
use crate::cloudtrail::target::Target;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::{Reply, Tx};
use store::Record as _;

pub(crate) struct StartLogging;

wire::input! {
    /// What `StartLogging` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" TRAIL,
    }
}

impl Operation for StartLogging {
    const NAME: &'static str = "StartLogging";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudtrail:StartLogging"))?;

        let found = target.to_change(cx, &permit)?;
        let mut trail = Trail::clone(&found.record);
        let delivered = delivered(cx.app, &mut tx, &trail).await?;
        trail.start(cx.now(), delivered)?;
        deliver(cx, &mut tx, &permit, &trail).await?;
        tx.update(&permit, trail, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

/// Has files delivered, unless they are.
async fn deliver(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    permit: &Permit,
    trail: &Trail,
) -> Result<(), Error> {
    match tx.get::<Delivery>(&trail.key()).await? {
        None => tx.insert(permit, begin(trail, None, cx.app)),
        Some(found) if found.record.due.is_none() => {
            let before = Delivery::clone(&found.record);
            tx.update(permit, begin(trail, Some(before), cx.app), found.rev);
        }
        Some(_) => {}
    }
    Ok(())
}
