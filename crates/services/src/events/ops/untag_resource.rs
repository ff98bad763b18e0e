//! `UntagResource`: takes tags of a rule away.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html>

use super::Nothing;
use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::records::Rule;
use crate::events::shapes::{ARN, TAG_KEYS};
use crate::events::target::Named;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagResource;

wire::input! {
    /// What `UntagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceARN" ARN,
        tag_keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let named = Named::tagged(cx, &mut tx, &input.resource).await?;
        let keys = Keys::none().tag_keys(input.tag_keys.iter().map(String::as_str));
        let permit = named.permit_with(cx, Action("events:UntagResource"), &keys)?;

        let found = named.existing(cx, None, &permit)?;
        let mut rule = Rule::clone(&found.record);
        rule.tags.remove(&input.tag_keys);
        tx.update(&permit, rule, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Nothing))
    }
}
