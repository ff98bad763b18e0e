//! `ListTopics`: the topics of the account in the Region, in the order of their names.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>

use super::PAGE;
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::sns::error::Error;
use crate::sns::ids::every_topic;
use crate::sns::records::Topic;
use crate::sns::shapes::TEXT;
use crate::tx::Reply;
use std::sync::Arc;
use store::{Query, Value};
use wire::xml;

pub(crate) struct ListTopics;

wire::input! {
    /// What `ListTopics` takes.
    pub(crate) struct Input {
        next: Option<String> = "NextToken" TEXT,
    }
}

pub(crate) struct Output {
    topics: Vec<Arc<Topic>>,
    next: Option<String>,
}

impl Operation for ListTopics {
    const NAME: &'static str = "ListTopics";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let region = cx.region;
        let everything = every_topic(cx.account(), region);
        let permit = cx.authorize(
            Action("SNS:ListTopics"),
            Resource::named(cx.account(), everything),
        )?;

        let mut tx = cx.begin();
        let listing = Listing {
            operation: Self::NAME,
            question: &[],
        };
        let mut query = Query::primary(PAGE + 1).equal(cx.account()).equal(region);
        if let Some(token) = input.next.as_deref().filter(|token| !token.is_empty()) {
            let after: String = listing.cursor(cx, token)?;
            query = query.after(vec![Value::from(&after)]);
        }
        let found = tx.query::<Topic>(&query).await?;
        let mut topics: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = topics.len() > PAGE;
        topics.truncate(PAGE);
        let last = topics.last().filter(|_| has_more);
        let next = last.map(|last| listing.token(cx, &last.name)).transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { topics, next }))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("Topics", &self.topics, |topic, member| {
            member.text("TopicArn", &topic.arn());
        });
        result.opt_text("NextToken", self.next.as_deref());
    }
}
