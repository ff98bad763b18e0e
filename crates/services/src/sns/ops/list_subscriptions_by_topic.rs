//! `ListSubscriptionsByTopic`: the subscriptions of a topic.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>
//!
//! A topic has no more of them than a page holds.

use super::list_subscriptions::Output;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::fan_out::subscriptions;
use crate::sns::records::Subscription;
use crate::sns::shapes::TEXT;
use crate::sns::target::Target;
use crate::tx::Reply;

pub(crate) struct ListSubscriptionsByTopic;

wire::input! {
    /// What `ListSubscriptionsByTopic` takes.
    pub(crate) struct Input {
        topic: String = required audited "TopicArn" TEXT,
        next: Option<String> = "NextToken" TEXT,
    }
}

impl Operation for ListSubscriptionsByTopic {
    const NAME: &'static str = "ListSubscriptionsByTopic";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.topic).await?;
        let permit = target.permit(cx, Action("SNS:ListSubscriptionsByTopic"))?;

        target.existing(&permit)?;
        if input.next.as_deref().is_some_and(|token| !token.is_empty()) {
            return Err(Error::InvalidParameter(String::from("NextToken")));
        }
        let found = tx.query::<Subscription>(&subscriptions(&target.id)).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            subscriptions: found.into_iter().map(|found| found.record).collect(),
            next: None,
        }))
    }
}
