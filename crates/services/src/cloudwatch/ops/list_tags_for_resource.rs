//! `ListTagsForResource`: the tags of an alarm.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListTagsForResource.html>

use crate::authorize::Action;
use crate::cloudwatch::alarm_id::Target;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::shapes::RESOURCE;
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tags::Tags;
use crate::tx::Reply;
use wire::tree::{self, Fields};

pub(crate) struct ListTagsForResource;

wire::input! {
    /// What `ListTagsForResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceARN" RESOURCE,
    }
}

pub(crate) struct Output(Tags);

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::tagged(cx, &mut tx, &input.resource).await?;
        let action = Action("cloudwatch:ListTagsForResource");
        let permit = target.permit(cx, action, &Keys::none())?;

        let found = target.found(&permit).ok_or(Error::ResourceNotFound)?;
        let tags = found.record.tags.clone();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(tags)))
    }
}

impl tree::Output for Output {
    fn fields(&self) -> Fields {
        let tags = self
            .0
            .iter()
            .map(|(key, value)| Fields::default().with("Key", key).with("Value", value));
        Fields::default().with_list("Tags", tags)
    }
}
