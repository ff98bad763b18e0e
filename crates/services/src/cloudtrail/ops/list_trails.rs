//! `ListTrails`: the trails of an account, in all Regions.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html>

use crate::authorize::{Action, Resource};
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::trails_of;
use crate::cloudtrail::shapes::TEXT;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use store::Value;
use wire::json;

pub(crate) struct ListTrails;

wire::input! {
    /// What `ListTrails` takes.
    pub(crate) struct Input {
        next_token: Option<String> = "NextToken" TEXT,
    }
}

pub(crate) struct Output {
    trails: Vec<Arc<Trail>>,
    next: Option<String>,
}

impl Operation for ListTrails {
    const NAME: &'static str = "ListTrails";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("cloudtrail:ListTrails"), resource)?;

        let listing = Listing {
            operation: Self::NAME,
            question: &[],
        };
        let mut query = trails_of(cx.account()).with_limit(PAGE + 1);
        if let Some(token) = &input.next_token {
            let (region, name): (String, String) = listing.cursor(cx, token)?;
            query = query.after(vec![Value::from(&region), Value::from(&name)]);
        }
        let mut tx = cx.begin();
        let found = tx.query::<Trail>(&query).await?;
        let mut trails: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = trails.len() > PAGE;
        trails.truncate(PAGE);
        let last = trails.last().filter(|_| has_more);
        let last = last.map(|last| (last.region.to_string(), last.name.clone()));
        let next = last.map(|last| listing.token(cx, &last)).transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { trails, next }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("Trails", &self.trails, |trail, entry| {
            entry.text("TrailARN", &trail.arn());
            entry.text("Name", &trail.name);
            entry.text("HomeRegion", trail.region.as_str());
        });
        object.opt_text("NextToken", self.next.as_deref());
    }
}

const PAGE: usize = 100;
