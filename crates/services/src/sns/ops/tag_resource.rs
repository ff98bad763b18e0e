//! `TagResource`: sets tags of a topic, keeping the others.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::records::Topic;
use crate::sns::shapes::{RESOURCE, TAGS, Tag};
use crate::sns::tagging;
use crate::sns::target::Target;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct TagResource;

wire::input! {
    /// What `TagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceArn" RESOURCE,
        tags: Vec<Tag> = required audited "Tags" TAGS,
    }
}

pub(crate) struct Output;

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::in_member(cx, &mut tx, "ResourceArn", &input.resource).await?;
        let permit =
            target.permit_with(cx, Action("SNS:TagResource"), &tagging::keys(&input.tags))?;

        let found = target.found(&permit).ok_or(Error::NoSuchResource)?;
        let mut topic = Topic::clone(&found.record);
        tagging::set(&mut topic.tags, &input.tags)?;
        tx.update(&permit, topic, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl xml::Output for Output {
    fn write(&self, _: &mut xml::Element<'_>) {}
}
