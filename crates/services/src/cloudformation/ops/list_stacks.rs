//! `ListStacks`: every stack, those too that were deleted in the last 90 days.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html>
//!
//! One call looks at a bounded number of stacks: a page may be short, or empty, and still have a token.

use crate::authorize::{Action, Resource};
use crate::cloudformation::error::Error;
use crate::cloudformation::model::{Stack, arn};
use crate::cloudformation::shapes::{NEXT_TOKEN, STATUSES};
use crate::cloudformation::view::write_summary;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use store::Value;
use wire::xml;

pub(crate) struct ListStacks;

wire::input! {
    /// What `ListStacks` takes.
    pub(crate) struct Input {
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
        statuses: Option<Vec<String>> = audited "StackStatusFilter" STATUSES,
    }
}

pub(crate) struct Output {
    stacks: Vec<Arc<Stack>>,
    next: Option<String>,
}

impl Operation for ListStacks {
    const NAME: &'static str = "ListStacks";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let named = arn(cx.account(), cx.region, "stack/*/*");
        let resource = Resource::named(cx.account(), named);
        let permit = cx.authorize(Action("cloudformation:ListStacks"), resource)?;

        let question = input.statuses.clone().unwrap_or_default().join(",");
        let listing = Listing {
            operation: Self::NAME,
            question: &[question.as_bytes()],
        };
        let mut query = Stack::all(cx.account(), cx.region).with_limit(PAGE);
        if let Some(token) = &input.next_token {
            let place: (String, String) = listing.cursor(cx, token)?;
            query = query.after(vec![Value::from(&place.0), Value::from(&place.1)]);
        }
        let found = tx.query::<Stack>(&query).await?;
        let last = found.last().filter(|_| found.len() == PAGE);
        let next = last.map(|last| listing.token(cx, &(&last.record.name, &last.record.id)));
        let next = next.transpose()?;
        let stacks = found.into_iter().map(|one| one.record);
        let stacks = stacks.filter(|stack| input.admits(stack)).collect();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { stacks, next }))
    }
}

impl Input {
    fn admits(&self, stack: &Stack) -> bool {
        let statuses = self.statuses.as_ref().filter(|all| !all.is_empty());
        statuses.is_none_or(|all| all.iter().any(|one| one == stack.status.name()))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("StackSummaries", &self.stacks, |stack, element| {
            write_summary(element, stack);
        });
        result.opt_text("NextToken", self.next.as_deref());
    }
}

const PAGE: usize = 100;
