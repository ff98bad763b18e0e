//! `ListRules`: the rules of the account in the Region, in the order of their names.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html>

use super::{describe_rule, page};
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::events::bus;
use crate::events::error::Error;
use crate::events::records::{Rule, arn};
use crate::events::shapes::{BUS, LIMIT, RULE_NAME, TOKEN};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use store::Value;
use wire::json::{self, Object};

pub(crate) struct ListRules;

wire::input! {
    /// What `ListRules` takes.
    pub(crate) struct Input {
        prefix: Option<String> = audited "NamePrefix" RULE_NAME,
        bus: Option<String> = audited "EventBusName" BUS,
        next: Option<String> = "NextToken" TOKEN,
        limit: Option<i64> = audited "Limit" LIMIT,
    }
}

pub(crate) struct Output {
    rules: Vec<Arc<Rule>>,
    next: Option<String>,
}

impl Operation for ListRules {
    const NAME: &'static str = "ListRules";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let everything = arn(cx.account(), cx.region, "*");
        let resource = Resource::named(cx.account(), everything);
        let permit = cx.authorize(Action("events:ListRules"), resource)?;
        bus::check(cx, input.bus.as_deref())?;

        let mut tx = cx.begin();
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let listing = Listing {
            operation: Self::NAME,
            question: &[prefix.as_bytes()],
        };
        let size = page(input.limit);
        let mut query = Rule::of_account(cx.account(), cx.region, size + 1);
        if !prefix.is_empty() {
            query = query.starting_with(prefix);
        }
        if let Some(token) = &input.next {
            let after: String = listing.cursor(cx, token)?;
            query = query.after(vec![Value::from(&after)]);
        }
        let found = tx.query::<Rule>(&query).await?;
        let mut rules: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = rules.len() > size;
        rules.truncate(size);
        let last = rules.last().filter(|_| has_more);
        let next = last.map(|last| listing.token(cx, &last.name)).transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { rules, next }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut Object<'_>) {
        object.objects("Rules", &self.rules, |rule, entry| {
            describe_rule::write(entry, rule);
        });
        object.opt_text("NextToken", self.next.as_deref());
    }
}
