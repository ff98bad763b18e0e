//! `ListStackResources`: the resources of a stack.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html>

use crate::authorize::Action;
use crate::cloudformation::error::Error;
use crate::cloudformation::model::Stack;
use crate::cloudformation::shapes::{NEXT_TOKEN, TEXT};
use crate::cloudformation::target::{Target, with_id};
use crate::cloudformation::view::write_resource;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::InvalidToken;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct ListStackResources;

wire::input! {
    /// What `ListStackResources` takes.
    pub(crate) struct Input {
        stack: String = required audited "StackName" TEXT,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
    }
}

pub(crate) struct Output(Arc<Stack>);

impl Operation for ListStackResources {
    const NAME: &'static str = "ListStackResources";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.stack).await?;
        let permit = target.permit(cx, Action("cloudformation:ListStackResources"))?;

        // There is never more than one page.
        if input.next_token.is_some() {
            return Err(InvalidToken.into());
        }
        let found = target.existing(&permit, with_id(&input.stack))?;
        let output = Output(Arc::clone(&found.record));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        let resources = &self.0.resources;
        result.list("StackResourceSummaries", resources, |resource, element| {
            write_resource(element, resource, "LastUpdatedTimestamp");
        });
    }
}
