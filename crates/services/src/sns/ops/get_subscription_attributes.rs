//! `GetSubscriptionAttributes`: what a subscription is like.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::records::Subscription;
use crate::sns::shapes::TEXT;
use crate::sns::subscription_attributes;
use crate::sns::subscription_target::SubscriptionTarget;
use crate::tx::Reply;
use std::sync::Arc;
use wire::xml;

pub(crate) struct GetSubscriptionAttributes;

wire::input! {
    /// What `GetSubscriptionAttributes` takes.
    pub(crate) struct Input {
        subscription: String = required audited "SubscriptionArn" TEXT,
    }
}

pub(crate) struct Output(Arc<Subscription>);

impl Operation for GetSubscriptionAttributes {
    const NAME: &'static str = "GetSubscriptionAttributes";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = SubscriptionTarget::named(cx, &mut tx, &input.subscription).await?;
        let permit = target.permit(cx, Action("SNS:GetSubscriptionAttributes"))?;

        let subscription = Arc::clone(&target.existing(&permit)?.record);
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(subscription)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        subscription_attributes::write(result, &self.0);
    }
}
