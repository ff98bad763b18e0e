//! `UntagResource`: takes tags of a topic away.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html>

use super::tag_resource::Output;
use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::records::Topic;
use crate::sns::shapes::{RESOURCE, TAG_KEYS};
use crate::sns::target::Target;
use crate::tx::Reply;

pub(crate) struct UntagResource;

wire::input! {
    /// What `UntagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceArn" RESOURCE,
        tag_keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::in_member(cx, &mut tx, "ResourceArn", &input.resource).await?;
        let keys = Keys::none().tag_keys(input.tag_keys.iter().map(String::as_str));
        let permit = target.permit_with(cx, Action("SNS:UntagResource"), &keys)?;

        let found = target.found(&permit).ok_or(Error::NoSuchResource)?;
        let mut topic = Topic::clone(&found.record);
        topic.tags.remove(&input.tag_keys);
        tx.update(&permit, topic, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}
