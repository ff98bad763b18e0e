//! `ListChangeSets`: the change sets of a stack.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html>

use crate::authorize::Action;
use crate::cloudformation::error::Error;
use crate::cloudformation::model::ChangeSet;
use crate::cloudformation::shapes::{NEXT_TOKEN, STACK};
use crate::cloudformation::target::{Target, in_brackets};
use crate::cloudformation::view::write_change_set;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::InvalidToken;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct ListChangeSets;

wire::input! {
    /// What `ListChangeSets` takes.
    pub(crate) struct Input {
        stack: String = required audited "StackName" STACK,
        next_token: Option<String> = "NextToken" NEXT_TOKEN,
    }
}

pub(crate) struct Output(Vec<Arc<ChangeSet>>);

impl Operation for ListChangeSets {
    const NAME: &'static str = "ListChangeSets";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.stack).await?;
        let permit = target.permit(cx, Action("cloudformation:ListChangeSets"))?;

        // There is never more than one page.
        if input.next_token.is_some() {
            return Err(InvalidToken.into());
        }
        let stack = target.existing(&permit, in_brackets(&input.stack))?;
        let all = ChangeSet::of_stack(&stack.record);
        let all = tx.query::<ChangeSet>(&all).await?;
        let mut all: Vec<Arc<ChangeSet>> = all.into_iter().map(|one| one.record).collect();
        all.sort_by_key(|one| (one.created, one.name.clone()));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(all)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("Summaries", &self.0, |change_set, element| {
            write_change_set(element, change_set);
        });
    }
}
