//! `GetTrail`: the settings of a trail.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html>

use crate::authorize::Action;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::shapes::TRAIL;
use crate::cloudtrail::target::Target;
use crate::cloudtrail::view;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;

pub(crate) struct GetTrail;

wire::input! {
    /// What `GetTrail` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" TRAIL,
    }
}

pub(crate) struct Output(Arc<Trail>);

impl Operation for GetTrail {
    const NAME: &'static str = "GetTrail";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let permit = target.permit(cx, Action("cloudtrail:GetTrail"))?;

        let trail = Arc::clone(&target.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(trail)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.object("Trail", |trail| view::write(&self.0, trail));
    }
}
