//! `ListTagsForResource`: the tags of a topic.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::records::Topic;
use crate::sns::shapes::RESOURCE;
use crate::sns::target::Target;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct ListTagsForResource;

wire::input! {
    /// What `ListTagsForResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceArn" RESOURCE,
    }
}

pub(crate) struct Output(Arc<Topic>);

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::in_member(cx, &mut tx, "ResourceArn", &input.resource).await?;
        let permit = target.permit(cx, Action("SNS:ListTagsForResource"))?;

        let found = target.found(&permit).ok_or(Error::NoSuchResource)?;
        let topic = Arc::clone(&found.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(topic)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("Tags", self.0.tags.iter(), |(key, value), member| {
            member.text("Key", key);
            member.text("Value", value);
        });
    }
}
