//! `Unsubscribe`: ends a subscription.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html>
//!
//! SECURITY: needs no signature, as on AWS, unless who confirmed asked for one: the ARN, which holds a
//! random id, stands in each message. A subscription that is not there is no error; its event is about
//! nothing, and of no account, which would be one of the sender's choice.

use crate::authorize::{Action, Resource};
use crate::cx::{Cx, OpenCx};
use crate::operation::{OpenOperation, Operation};
use crate::sns::error::Error;
use crate::sns::ids::SubscriptionId;
use crate::sns::records::{State, Subscription};
use crate::sns::shapes::UNSIGNED_ARN;
use crate::sns::subscription_target::SubscriptionTarget;
use crate::tx::Reply;
use store::Record as _;
use wire::xml;

pub(crate) struct Unsubscribe;

wire::input! {
    /// What `Unsubscribe` takes.
    pub(crate) struct Input {
        subscription: String = required audited "SubscriptionArn" UNSIGNED_ARN,
    }
}

pub(crate) struct Output;

impl Operation for Unsubscribe {
    const NAME: &'static str = "Unsubscribe";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = SubscriptionTarget::named(cx, &mut tx, &input.subscription).await?;
        let permit = target.permit_to_end(cx, Action("SNS:Unsubscribe"))?;

        if let Some(found) = target.found(&permit) {
            tx.delete::<Subscription>(&permit, &found.record.key(), found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl OpenOperation for Unsubscribe {
    const NAME: &'static str = "Unsubscribe";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &OpenCx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let id = SubscriptionId::of_arn(&input.subscription);
        let id = id.ok_or_else(|| Error::InvalidParameter(String::from("SubscriptionArn")))?;
        let mut tx = cx.begin();
        let found = tx.get::<Subscription>(&Subscription::key_of(&id)).await?;
        let Some(found) = found else {
            let recorded = tx.finish(cx.event_of_nothing()).await?;
            return Ok(recorded.reply(Output));
        };
        let State::Confirmed {
            authenticate_on_unsubscribe: false,
            ..
        } = found.record.state
        else {
            return Err(Error::SignatureNeeded);
        };
        let permit = cx.bearer(&Resource::named(&id.topic.account, id.topic.arn()));
        tx.delete::<Subscription>(&permit, &found.record.key(), found.rev);
        let event = cx.event(&permit).in_region(&id.topic.region);
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(Output))
    }
}

impl xml::Output for Output {
    const HAS_RESULT: bool = false;

    fn write(&self, _: &mut xml::Element<'_>) {}
}
