//! `Publish`: tells all subscribers of a topic something.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
//!
//! COMPAT: to topics alone: there are no telephones and no devices here.

use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::fan_out::{self, Told};
use crate::sns::message::{Given, Message};
use crate::sns::shapes::{MESSAGE, MESSAGE_ATTRIBUTES, MessageAttribute, TEXT};
use crate::sns::target::Target;
use crate::sns::topic_policy::PUBLISH;
use crate::tx::Reply;
use crate::work::Work;
use base::{Plaintext, random_uuid};
use serde_json::json;
use wire::xml;

pub(crate) struct Publish;

wire::input! {
    /// What `Publish` takes.
    pub(crate) struct Input {
        topic: Option<String> = audited "TopicArn" TEXT,
        target: Option<String> = audited "TargetArn" TEXT,
        phone: Option<Plaintext> = "PhoneNumber" MESSAGE,
        message: Plaintext = required "Message" MESSAGE,
        subject: Option<Plaintext> = "Subject" MESSAGE,
        structure: Option<String> = audited "MessageStructure" TEXT,
        attributes: Option<Vec<MessageAttribute>> = "MessageAttributes" MESSAGE_ATTRIBUTES,
        deduplication_id: Option<String> = "MessageDeduplicationId" TEXT,
        group_id: Option<String> = "MessageGroupId" TEXT,
    }
}

/// The id of the message.
pub(crate) struct Output(String);

impl Operation for Publish {
    const NAME: &'static str = "Publish";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let (member, arn) = input.topic()?;
        let mut tx = cx.begin();
        let target = Target::in_member(cx, &mut tx, member, arn).await?;
        let permit = target.permit(cx, PUBLISH)?;

        let topic = target.existing(&permit)?.record.clone();
        if input.deduplication_id.is_some() || input.group_id.is_some() {
            let reason = "The request includes a parameter that is not valid for this topic type";
            return Err(Error::invalid("MessageGroupId", reason));
        }
        let given = Given {
            message: &input.message,
            subject: input.subject.as_ref(),
            structure: input.structure.as_deref(),
            attributes: input.attributes.as_deref(),
        };
        let message = Message::parse(random_uuid(cx.entropy()), &given)?;
        let found = tx.query(&fan_out::subscriptions(&target.id)).await?;
        let mut work = Work::default();
        let told = [Told::to(cx.app, &found, message, &mut work).await];
        let topic = (&target.id, topic.as_ref());
        let share = fan_out::queue(cx.app, (&mut tx, &permit), topic, &told, &mut work).await?;
        let [Told { message, .. }] = told;
        let event = cx
            .event(&permit)
            .responding(json!({ "messageId": message.id }));
        let recorded = tx.commit(event).await?;
        drop(share);

        Ok(recorded.reply(Output(message.id)))
    }
}

impl Input {
    /// The topic that is published to, by one of the names that it may have.
    fn topic(&self) -> Result<(&'static str, &str), Error> {
        match (&self.topic, &self.target, &self.phone) {
            (Some(topic), None, None) => Ok(("TopicArn", topic)),
            (None, Some(target), None) => Ok(("TargetArn", target)),
            (None, None, Some(_)) => Err(Error::unsupported("PhoneNumber")),
            _ => Err(Error::invalid(
                "TopicArn or TargetArn",
                "no value for required parameter",
            )),
        }
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text("MessageId", &self.0);
    }
}
