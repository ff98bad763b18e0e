//! `DeleteTopic`: takes a topic away, with its subscriptions.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html>
//!
//! COMPAT: one that is not there is no error. Messages on their way still arrive.

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::fan_out::subscriptions;
use crate::sns::records::{Subscription, Topic};
use crate::sns::shapes::TEXT;
use crate::sns::target::Target;
use crate::tx::Reply;
use store::Record as _;
use wire::xml;

pub(crate) struct DeleteTopic;

wire::input! {
    /// What `DeleteTopic` takes.
    pub(crate) struct Input {
        topic: String = required audited "TopicArn" TEXT,
    }
}

pub(crate) struct Output;

impl Operation for DeleteTopic {
    const NAME: &'static str = "DeleteTopic";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.topic).await?;
        let permit = target.permit(cx, Action("SNS:DeleteTopic"))?;

        if let Some(found) = target.found(&permit) {
            let all = tx.query::<Subscription>(&subscriptions(&target.id)).await?;
            for one in all {
                tx.delete::<Subscription>(&permit, &one.record.key(), one.rev);
            }
            let counter = Topic::counter(&target.id.account, &target.id.region);
            tx.count(&permit, &counter, -1, None);
            tx.delete::<Topic>(&permit, &found.record.key(), found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl xml::Output for Output {
    const HAS_RESULT: bool = false;

    fn write(&self, _: &mut xml::Element<'_>) {}
}
