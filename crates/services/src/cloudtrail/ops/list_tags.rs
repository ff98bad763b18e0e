//! `ListTags`: the tags of trails.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html>
//!
//! One answer has them all: a trail has fifty tags at most.

use crate::authorize::Action;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::shapes::{RESOURCE_IDS, TEXT};
use crate::cloudtrail::tagging;
use crate::cloudtrail::target::Target;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tags::Tags;
use crate::tx::Reply;
use wire::json;

pub(crate) struct ListTags;

wire::input! {
    /// What `ListTags` takes.
    pub(crate) struct Input {
        resources: Vec<String> = required audited "ResourceIdList" RESOURCE_IDS,
        next_token: Option<String> = "NextToken" TEXT,
    }
}

pub(crate) struct Output(Vec<(String, Tags)>);

impl Operation for ListTags {
    const NAME: &'static str = "ListTags";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let mut tags = Vec::with_capacity(input.resources.len());
        let mut last = None;
        for resource in &input.resources {
            let target = Target::find(cx, &mut tx, resource).await?;
            let permit = target.permit(cx, Action("cloudtrail:ListTags"))?;
            if input.next_token.is_some() {
                return Err(Error::InvalidToken);
            }
            let trail = &target.tagged(&permit)?.record;
            tags.push((resource.clone(), trail.tags.clone()));
            last = Some(permit);
        }
        let Some(permit) = last else {
            return Err(Error::ArnInvalid(String::new()));
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(tags)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("ResourceTagList", &self.0, |(resource, tags), entry| {
            entry.text("ResourceId", resource);
            tagging::write(entry, tags);
        });
    }
}
