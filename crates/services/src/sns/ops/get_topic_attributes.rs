//! `GetTopicAttributes`: what a topic is like.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::attributes;
use crate::sns::error::Error;
use crate::sns::fan_out::subscriptions;
use crate::sns::records::{Subscription, Topic};
use crate::sns::shapes::TEXT;
use crate::sns::target::Target;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct GetTopicAttributes;

wire::input! {
    /// What `GetTopicAttributes` takes.
    pub(crate) struct Input {
        topic: String = required audited "TopicArn" TEXT,
    }
}

pub(crate) struct Output {
    topic: Arc<Topic>,
    pending: usize,
    confirmed: usize,
}

impl Operation for GetTopicAttributes {
    const NAME: &'static str = "GetTopicAttributes";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.topic).await?;
        let permit = target.permit(cx, Action("SNS:GetTopicAttributes"))?;

        let topic = Arc::clone(&target.existing(&permit)?.record);
        let all = tx.query::<Subscription>(&subscriptions(&target.id)).await?;
        let confirmed = all.iter().filter(|one| one.record.is_confirmed()).count();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            topic,
            pending: all.len() - confirmed,
            confirmed,
        }))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        attributes::write(result, &self.topic, self.pending, self.confirmed);
    }
}
