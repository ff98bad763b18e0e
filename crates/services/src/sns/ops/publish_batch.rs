//! `PublishBatch`: up to ten messages at once.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>
//!
//! A message that cannot be published keeps no other back.

use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::error::Error;
use crate::sns::fan_out::{self, Told};
use crate::sns::message::{Given, LARGEST, Message};
use crate::sns::shapes::{BATCH, BatchEntry, TEXT};
use crate::sns::target::Target;
use crate::sns::topic_policy::PUBLISH;
use crate::tx::Reply;
use crate::work::Work;
use base::{AwsError as _, random_uuid};
use wire::xml;

pub(crate) struct PublishBatch;

wire::input! {
    /// What `PublishBatch` takes.
    pub(crate) struct Input {
        topic: String = required audited "TopicArn" TEXT,
        entries: Vec<BatchEntry> = required "PublishBatchRequestEntries" BATCH,
    }
}

pub(crate) struct Output {
    /// The ids of entries and messages.
    successful: Vec<(String, String)>,
    failed: Vec<(String, Error)>,
}

impl Operation for PublishBatch {
    const NAME: &'static str = "PublishBatch";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.topic).await?;
        let permit = target.permit(cx, PUBLISH)?;

        let topic = target.existing(&permit)?.record.clone();
        input.check()?;
        let found = tx.query(&fan_out::subscriptions(&target.id)).await?;
        let mut output = Output {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        let mut size = 0;
        let mut told = Vec::new();
        let mut work = Work::default();
        for entry in &input.entries {
            let message = match entry.message(random_uuid(cx.entropy())) {
                Ok(message) => message,
                Err(error) => {
                    output.failed.push((entry.id.clone(), error));
                    continue;
                }
            };
            size += message.size();
            if size > LARGEST {
                return Err(Error::BatchTooLong);
            }
            let successful = (entry.id.clone(), message.id.clone());
            output.successful.push(successful);
            told.push(Told::to(cx.app, &found, message, &mut work).await);
        }
        let topic = (&target.id, topic.as_ref());
        let share = fan_out::queue(cx.app, (&mut tx, &permit), topic, &told, &mut work).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;
        drop(share);

        Ok(recorded.reply(output))
    }
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        let is_id = |id: &str| {
            let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(is_allowed)
        };
        let mut ids: Vec<&str> = self.entries.iter().map(|entry| entry.id.as_str()).collect();
        let sent = ids.len();
        ids.sort_unstable();
        ids.dedup();
        match sent {
            0 => Err(Error::EmptyBatch),
            more if more > MOST_ENTRIES => Err(Error::TooManyEntries),
            _ if !ids.iter().all(|id| is_id(id)) => Err(Error::InvalidBatchId),
            _ if ids.len() < sent => Err(Error::BatchIdsNotDistinct),
            _ => Ok(()),
        }
    }
}

impl BatchEntry {
    fn message(&self, id: String) -> Result<Message, Error> {
        if self.deduplication_id.is_some() || self.group_id.is_some() {
            let reason = "The request includes a parameter that is not valid for this topic type";
            return Err(Error::invalid("MessageGroupId", reason));
        }
        let given = Given {
            message: &self.message,
            subject: self.subject.as_ref(),
            structure: self.structure.as_deref(),
            attributes: self.attributes.as_deref(),
        };
        Message::parse(id, &given)
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.list("Successful", &self.successful, |(id, message), member| {
            member.text("Id", id);
            member.text("MessageId", message);
        });
        result.list("Failed", &self.failed, |(id, error), member| {
            member.text("Id", id);
            member.text("Code", error.code());
            member.text("Message", &error.client_message());
            member.boolean("SenderFault", error.status() < 500);
        });
    }
}

const MOST_ENTRIES: usize = 10;
const LONGEST_ID: usize = 80;
