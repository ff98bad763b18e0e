//! `SetSubscriptionAttributes`: sets one attribute of a subscription.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::records::Subscription;
use crate::sns::shapes::TEXT;
use crate::sns::subscription_attributes;
use crate::sns::subscription_target::SubscriptionTarget;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct SetSubscriptionAttributes;

wire::input! {
    /// What `SetSubscriptionAttributes` takes.
    pub(crate) struct Input {
        subscription: String = required audited "SubscriptionArn" TEXT,
        name: String = required audited "AttributeName" TEXT,
        value: Option<String> = audited "AttributeValue" TEXT,
    }
}

pub(crate) struct Output;

impl Operation for SetSubscriptionAttributes {
    const NAME: &'static str = "SetSubscriptionAttributes";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = SubscriptionTarget::named(cx, &mut tx, &input.subscription).await?;
        let permit = target.permit(cx, Action("SNS:SetSubscriptionAttributes"))?;

        let found = target.existing(&permit)?;
        let mut subscription = Subscription::clone(&found.record);
        let value = input.value.as_deref();
        subscription_attributes::set(&mut subscription, &input.name, value)?;
        tx.update(&permit, subscription, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl xml::Output for Output {
    const HAS_RESULT: bool = false;

    fn write(&self, _: &mut xml::Element<'_>) {}
}
