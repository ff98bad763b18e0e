//! `ListRuleNamesByTarget`: the rules that tell a target.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html>

use super::page;
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::events::bus;
use crate::events::error::Error;
use crate::events::records::{ALL_RULES, Rule, arn};
use crate::events::shapes::{ARN, BUS, LIMIT, TOKEN};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::json::{self, Object};

pub(crate) struct ListRuleNamesByTarget;

wire::input! {
    /// What `ListRuleNamesByTarget` takes.
    pub(crate) struct Input {
        target: String = required audited "TargetArn" ARN,
        bus: Option<String> = audited "EventBusName" BUS,
        next: Option<String> = "NextToken" TOKEN,
        limit: Option<i64> = audited "Limit" LIMIT,
    }
}

pub(crate) struct Output {
    names: Vec<String>,
    next: Option<String>,
}

impl Operation for ListRuleNamesByTarget {
    const NAME: &'static str = "ListRuleNamesByTarget";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let everything = arn(cx.account(), cx.region, "*");
        let resource = Resource::named(cx.account(), everything);
        let permit = cx.authorize(Action("events:ListRuleNamesByTarget"), resource)?;
        bus::check(cx, input.bus.as_deref())?;

        let mut tx = cx.begin();
        let listing = Listing {
            operation: Self::NAME,
            question: &[input.target.as_bytes()],
        };
        let after: Option<String> = match &input.next {
            Some(token) => Some(listing.cursor(cx, token)?),
            None => None,
        };
        let all = Rule::of_account(cx.account(), cx.region, ALL_RULES);
        let rules = tx
            .query::<Rule>(&all)
            .await?
            .into_iter()
            .map(|found| found.record);
        let telling = rules.filter(|rule| rule.targets.iter().any(|one| one.arn == input.target));
        let behind = telling.filter(|rule| after.as_ref().is_none_or(|after| rule.name > *after));
        let mut names: Vec<String> = behind.map(|rule| rule.name.clone()).collect();
        let size = page(input.limit);
        let has_more = names.len() > size;
        names.truncate(size);
        let last = names.last().filter(|_| has_more);
        let next = last.map(|last| listing.token(cx, last)).transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { names, next }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        object.texts("RuleNames", &self.names);
        object.opt_text("NextToken", self.next.as_deref());
    }
}
