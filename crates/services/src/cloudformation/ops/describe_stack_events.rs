//! `DescribeStackEvents`: what happened to a stack, the latest first.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html>

use crate::authorize::Action;
use crate::cloudformation::error::Error;
use crate::cloudformation::model::Stack;
use crate::cloudformation::shapes::{NEXT_TOKEN, TEXT};
use crate::cloudformation::target::{Target, in_brackets};
use crate::cloudformation::view::write_event;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::InvalidToken;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct DescribeStackEvents;

wire::input! {
    /// What `DescribeStackEvents` takes.
    pub(crate) struct Input {
        stack: String = required audited "StackName" TEXT,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
    }
}

pub(crate) struct Output(Arc<Stack>);

impl Operation for DescribeStackEvents {
    const NAME: &'static str = "DescribeStackEvents";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.stack).await?;
        let permit = target.permit(cx, Action("cloudformation:DescribeStackEvents"))?;

        // There is never more than one page.
        if input.next_token.is_some() {
            return Err(InvalidToken.into());
        }
        let found = target.existing(&permit, in_brackets(&input.stack))?;
        let output = Output(Arc::clone(&found.record));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        let latest_first = self.0.events.iter().rev();
        result.list("StackEvents", latest_first, |event, element| {
            write_event(element, &self.0, event);
        });
    }
}
