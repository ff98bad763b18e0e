//! `GetEventSelectors`: which events a trail delivers.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html>

use crate::authorize::Action;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::shapes::TRAIL;
use crate::cloudtrail::target::Target;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;

pub(crate) struct GetEventSelectors;

wire::input! {
    /// What `GetEventSelectors` takes.
    pub(crate) struct Input {
        name: String = required audited "TrailName" TRAIL,
    }
}

/// Also what `PutEventSelectors` answers.
pub(crate) struct Output(pub(super) Arc<Trail>);

impl Operation for GetEventSelectors {
    const NAME: &'static str = "GetEventSelectors";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudtrail:GetEventSelectors"))?;

        let trail = Arc::clone(&target.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(trail)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("TrailARN", &self.0.arn());
        self.0.selectors.write(object);
    }
}
