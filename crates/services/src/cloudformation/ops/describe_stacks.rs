//! `DescribeStacks`: one stack, or all that are not deleted.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>

use crate::authorize::{Action, Permit, Resource};
use crate::cloudformation::error::Error;
use crate::cloudformation::model::{Stack, arn};
use crate::cloudformation::shapes::{NEXT_TOKEN, TEXT};
use crate::cloudformation::target::{Target, with_id};
use crate::cloudformation::view::write_stack;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::{InvalidToken, Listing};
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use store::Value;
use wire::xml;

pub(crate) struct DescribeStacks;

wire::input! {
    /// What `DescribeStacks` takes.
    pub(crate) struct Input {
        stack: Option<String> = audited "StackName" TEXT,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
    }
}

pub(crate) struct Output {
    stacks: Vec<Arc<Stack>>,
    next: Option<String>,
}

impl Operation for DescribeStacks {
    const NAME: &'static str = "DescribeStacks";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let (permit, output) = match input.stack.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => one(cx, &mut tx, name, input).await?,
            None => all(cx, &mut tx, input).await?,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(output))
    }
}

async fn one(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    name: &str,
    input: &Input,
) -> Result<(Permit, Output), Error> {
    let target = Target::find(cx, tx, name).await?;
    let permit = target.permit(cx, DESCRIBE)?;
    if input.next_token.is_some() {
        return Err(InvalidToken.into());
    }
    let found = target.existing(&permit, with_id(name))?;
    let output = Output {
        stacks: vec![Arc::clone(&found.record)],
        next: None,
    };
    Ok((permit, output))
}

async fn all(cx: &Cx<'_>, tx: &mut Tx<'_>, input: &Input) -> Result<(Permit, Output), Error> {
    let named = arn(cx.account(), cx.region, "stack/*/*");
    let permit = cx.authorize(DESCRIBE, Resource::named(cx.account(), named))?;
    let listing = Listing {
        operation: DescribeStacks::NAME,
        question: &[],
    };
    let mut query = Stack::live(cx.account(), cx.region).with_limit(PAGE);
    if let Some(token) = &input.next_token {
        let place: (String, String) = listing.cursor(cx, token)?;
        query = query.after(vec![Value::from(&place.0), Value::from(&place.1)]);
    }
    let found = tx.query::<Stack>(&query).await?;
    let stacks: Vec<Arc<Stack>> = found.into_iter().map(|one| one.record).collect();
    let last = stacks.last().filter(|_| stacks.len() == PAGE);
    let next = last.map(|last| listing.token(cx, &(&last.name, &last.id)));
    let next = next.transpose()?;
    Ok((permit, Output { stacks, next }))
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("Stacks", &self.stacks, |stack, element| {
            write_stack(element, stack);
        });
        result.opt_text("NextToken", self.next.as_deref());
    }
}

const DESCRIBE: Action = Action("cloudformation:DescribeStacks");
const PAGE: usize = 100;
