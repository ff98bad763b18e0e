//! `StopLogging`: a trail delivers what happened until now, and no more.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html>

use crate::authorize::Action;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::shapes::TRAIL;
use crate::cloudtrail::target::Target;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct StopLogging;

wire::input! {
    /// What `StopLogging` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" TRAIL,
    }
}

impl Operation for StopLogging {
    const NAME: &'static str = "StopLogging";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudtrail:StopLogging"))?;

        let found = target.to_change(cx, &permit)?;
        let mut trail = Trail::clone(&found.record);
        trail.stop(cx.now());
        tx.update(&permit, trail, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
