//! `PutEventSelectors`: which events a trail delivers.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html>

use super::get_event_selectors::Output;
use crate::authorize::Action;
use crate::cloudtrail::delivery::delivered;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::selectors::Selectors;
use crate::cloudtrail::shapes::{
    ADVANCED, AdvancedSelectorInput, EventSelectorInput, SELECTORS, TRAIL,
};
use crate::cloudtrail::target::Target;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;

pub(crate) struct PutEventSelectors;

wire::input! {
    /// What `PutEventSelectors` takes.
    pub(crate) struct Input {
        name: String = required audited "TrailName" TRAIL,
        basic: Option<Vec<EventSelectorInput>> = audited "EventSelectors" SELECTORS,
        advanced: Option<Vec<AdvancedSelectorInput>> = audited "AdvancedEventSelectors" ADVANCED,
    }
}

impl Operation for PutEventSelectors {
    const NAME: &'static str = "PutEventSelectors";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudtrail:PutEventSelectors"))?;

        let found = target.to_change(cx, &permit)?;
        let mut trail = Trail::clone(&found.record);
        trail.selectors = Selectors::parse(input.basic.as_deref(), input.advanced.as_deref())?;
        let delivered = delivered(cx.app, &mut tx, &trail).await?;
        trail.turn(cx.now(), delivered)?;
        let output = Output(Arc::new(trail.clone()));
        tx.update(&permit, trail, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}
