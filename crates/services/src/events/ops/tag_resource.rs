//! `TagResource`: sets tags of a rule, keeping the others.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html>

use super::Nothing;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::records::Rule;
use crate::events::shapes::{ARN, TAGS, Tag};
use crate::events::tagging;
use crate::events::target::Named;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct TagResource;

wire::input! {
    /// What `TagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceARN" ARN,
        tags: Vec<Tag> = required audited "Tags" TAGS,
    }
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let named = Named::tagged(cx, &mut tx, &input.resource).await?;
        let keys = tagging::keys(&input.tags);
        let permit = named.permit_with(cx, Action("events:TagResource"), &keys)?;

        let found = named.existing(cx, None, &permit)?;
        let mut rule = Rule::clone(&found.record);
        tagging::set(&mut rule.tags, &input.tags)?;
        tx.update(&permit, rule, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Nothing))
    }
}
