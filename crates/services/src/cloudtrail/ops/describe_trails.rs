//! `DescribeTrails`: the trails that are seen in a Region, or those of them that are named.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>

use crate::authorize::{Action, Resource};
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::names::{TrailId, check_name};
use crate::cloudtrail::shapes::{BOOLEAN, TEXTS};
use crate::cloudtrail::target::seen_here;
use crate::cloudtrail::view;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;

pub(crate) struct DescribeTrails;

wire::input! {
    /// What `DescribeTrails` takes.
    pub(crate) struct Input {
        names: Option<Vec<String>> = audited "trailNameList" TEXTS,
        shadows: Option<bool> = audited "includeShadowTrails" BOOLEAN,
    }
}

pub(crate) struct Output(Vec<Arc<Trail>>);

impl Operation for DescribeTrails {
    const NAME: &'static str = "DescribeTrails";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("cloudtrail:DescribeTrails"), resource)?;

        let names = input.names.as_deref().unwrap_or_default();
        for name in names {
            match name.starts_with("arn:") {
                true => TrailId::parse(name, cx.account(), cx.region).map(|_| ())?,
                false => check_name(name)?,
            }
        }
        let mut tx = cx.begin();
        let mut trails = seen_here(cx, &mut tx, input.shadows != Some(false)).await?;
        let is_named = |trail: &Trail| {
            let arn = trail.arn();
            names.iter().any(|name| *name == trail.name || *name == arn)
        };
        trails.retain(|trail| names.is_empty() || is_named(trail));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(trails)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("trailList", &self.0, |trail, entry| {
            view::write(trail, entry)
        });
    }
}
