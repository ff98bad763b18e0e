//! `ListTagsForResource`: the tags of a rule.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::events::error::Error;
use crate::events::records::Rule;
use crate::events::shapes::ARN;
use crate::events::target::Named;
use crate::operation::Operation;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json::{self, Object};

pub(crate) struct ListTagsForResource;

wire::input! {
    /// What `ListTagsForResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceARN" ARN,
    }
}

pub(crate) struct Output(Arc<Rule>);

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = Named::tagged(cx, &mut tx, &input.resource).await?;
        let permit = named.permit(cx, Action("events:ListTagsForResource"))?;

        let rule = Arc::clone(&named.existing(cx, None, &permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(rule)))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        object.objects("Tags", self.0.tags.iter(), |(key, value), entry| {
            entry.text("Key", key);
            entry.text("Value", value);
        });
    }
}
