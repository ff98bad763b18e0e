//! `ConfirmSubscription`: an endpoint agrees to be told.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>
//!
//! SECURITY: needs no signature, as on AWS: the token was sent to the endpoint alone. One that is signed
//! is authorized too.

use crate::authorize::{Action, Permit, Resource};
use crate::cx::{Cx, OpenCx};
use crate::operation::{OpenOperation, Operation};
use crate::sns::confirming;
use crate::sns::error::Error;
use crate::sns::ids::TopicId;
use crate::sns::shapes::{TOKEN, UNSIGNED_ARN, UNSIGNED_FLAG};
use crate::sns::target::Target;
use crate::tx::{Reply, Tx};
use base::{Plaintext, Timestamp};
use serde_json::json;
use wire::xml;

pub(crate) struct ConfirmSubscription;

wire::input! {
    /// What `ConfirmSubscription` takes.
    pub(crate) struct Input {
        topic: String = required audited "TopicArn" UNSIGNED_ARN,
        token: Plaintext = required "Token" TOKEN,
        authenticate: Option<String> = audited "AuthenticateOnUnsubscribe" UNSIGNED_FLAG,
    }
}

/// The ARN.
pub(crate) struct Output(String);

impl Operation for ConfirmSubscription {
    const NAME: &'static str = "ConfirmSubscription";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.topic).await?;
        let permit = target.permit(cx, Action("SNS:ConfirmSubscription"))?;

        target.existing(&permit)?;
        let arn = input
            .confirm(&mut tx, &permit, &target.id, cx.now(), true)
            .await?;
        let event = cx
            .event(&permit)
            .responding(json!({ "subscriptionArn": arn }));
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(Output(arn)))
    }
}

impl OpenOperation for ConfirmSubscription {
    const NAME: &'static str = "ConfirmSubscription";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &OpenCx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let id = TopicId::of_arn(&input.topic);
        let id = id.ok_or_else(|| Error::InvalidParameter(String::from("TopicArn")))?;
        let mut tx = cx.begin();
        let permit = cx.bearer(&Resource::named(&id.account, id.arn()));
        let arn = input
            .confirm(&mut tx, &permit, &id, cx.now(), false)
            .await?;
        let event = cx
            .event(&permit)
            .in_region(&id.region)
            .responding(json!({ "subscriptionArn": arn }));
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(Output(arn)))
    }
}

impl Input {
    async fn confirm(
        &self,
        tx: &mut Tx<'_>,
        permit: &Permit,
        topic: &TopicId,
        now: Timestamp,
        authenticated: bool,
    ) -> Result<String, Error> {
        let token = std::str::from_utf8(self.token.expose()).unwrap_or_default();
        let found = confirming::find(tx, topic, token, now).await?;
        // SECURITY: only who signs can ask for signatures, else nobody could be told who asked.
        let authenticate = authenticated && self.authenticate.as_deref() == Some("true");
        let confirmed = confirming::confirmed(&found.record, authenticated, authenticate);
        let arn = confirmed.id().arn();
        tx.update(permit, confirmed, found.rev);
        Ok(arn)
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text("SubscriptionArn", &self.0);
    }
}
