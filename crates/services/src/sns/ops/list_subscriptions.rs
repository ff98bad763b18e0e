//! `ListSubscriptions`: the subscriptions that the account made in the Region.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html>

use super::PAGE;
use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::sns::error::Error;
use crate::sns::ids::every_topic;
use crate::sns::records::Subscription;
use crate::sns::shapes::TEXT;
use crate::tx::Reply;
use std::sync::Arc;
use store::Value;
use wire::xml;

pub(crate) struct ListSubscriptions;

wire::input! {
    /// What `ListSubscriptions` takes.
    pub(crate) struct Input {
        next: Option<String> = "NextToken" TEXT,
    }
}

pub(crate) struct Output {
    pub(super) subscriptions: Vec<Arc<Subscription>>,
    pub(super) next: Option<String>,
}

impl Operation for ListSubscriptions {
    const NAME: &'static str = "ListSubscriptions";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let everything = every_topic(cx.account(), cx.region);
        let permit = cx.authorize(
            Action("SNS:ListSubscriptions"),
            Resource::named(cx.account(), everything),
        )?;

        let mut tx = cx.begin();
        let listing = Listing {
            operation: Self::NAME,
            question: &[],
        };
        let mut query = Subscription::of_owner(cx.account(), cx.region, PAGE + 1);
        if let Some(token) = input.next.as_deref().filter(|token| !token.is_empty()) {
            let (account, topic, id): (String, String, String) = listing.cursor(cx, token)?;
            query = query.after([account, topic, id].map(Value::from).to_vec());
        }
        let found = tx.query::<Subscription>(&query).await?;
        let mut subscriptions: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = subscriptions.len() > PAGE;
        subscriptions.truncate(PAGE);
        let last = subscriptions.last().filter(|_| has_more);
        let next = last.map(|last| {
            let cursor = (last.account.as_str(), last.topic.as_str(), last.id.as_str());
            listing.token(cx, &cursor)
        });
        let next = next.transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            subscriptions,
            next,
        }))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list(
            "Subscriptions",
            &self.subscriptions,
            |subscription, member| {
                member.text("SubscriptionArn", &subscription.listed_arn());
                member.text("Owner", subscription.owner.as_str());
                member.text("Protocol", subscription.protocol.name());
                member.text("Endpoint", &subscription.endpoint);
                member.text("TopicArn", &subscription.id().topic.arn());
            },
        );
        result.opt_text("NextToken", self.next.as_deref());
    }
}
