//! `CreateTopic`: makes a topic, or finds the one that has the name.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::attributes;
use crate::sns::error::Error;
use crate::sns::ids::{TopicId, is_name};
use crate::sns::records::Topic;
use crate::sns::shapes::{ATTRIBUTES, Attribute, TAGS, TEXT, Tag};
use crate::sns::tagging;
use crate::sns::target::Target;
use crate::tags::Tags;
use crate::tx::{CommitError, Reply, Tx};
use serde_json::json;
use wire::xml;

pub(crate) struct CreateTopic;

wire::input! {
    /// What `CreateTopic` takes.
    pub(crate) struct Input {
        name: String = required audited "Name" TEXT,
        attributes: Option<Vec<Attribute>> = "Attributes" ATTRIBUTES,
        tags: Option<Vec<Tag>> = audited "Tags" TAGS,
        data_protection: Option<String> = "DataProtectionPolicy" TEXT,
    }
}

/// The ARN.
pub(crate) struct Output(String);

impl Operation for CreateTopic {
    const NAME: &'static str = "CreateTopic";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let id = TopicId {
            account: cx.account().clone(),
            region: cx.region.clone(),
            name: input.name.clone(),
        };
        let target = Target::find(&mut tx, id).await?;
        let tags = input.tags.as_deref().unwrap_or_default();
        let permit = target.permit_with(cx, Action("SNS:CreateTopic"), &tagging::keys(tags))?;
        if !tags.is_empty() {
            target.permit_with(cx, Action("SNS:TagResource"), &tagging::keys(tags))?;
        }

        input.check()?;
        let arn = target.id.arn();
        match target.found(&permit) {
            Some(found) => input.check_same(&mut tx, &found.record).await?,
            None => {
                let topic = input.topic(cx, &mut tx, tags).await?;
                let counter = Topic::counter(&topic.account, &topic.region);
                tx.count(&permit, &counter, 1, Some(MOST_TOPICS));
                tx.insert(&permit, topic);
            }
        }
        let event = cx.event(&permit).responding(json!({ "topicArn": arn }));
        let recorded = tx.commit(event).await.map_err(limited)?;

        Ok(recorded.reply(Output(arn)))
    }
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        if self.name.ends_with(".fifo") {
            return Err(Error::unsupported("A FIFO topic"));
        }
        if self.data_protection.is_some() {
            return Err(Error::unsupported("DataProtectionPolicy"));
        }
        match is_name(&self.name) {
            true => Ok(()),
            false => Err(Error::InvalidParameter(String::from("Topic Name"))),
        }
    }

    async fn topic(&self, cx: &Cx<'_>, tx: &mut Tx<'_>, tags: &[Tag]) -> Result<Topic, Error> {
        let mut topic = Topic {
            account: cx.account().clone(),
            region: cx.region.clone(),
            name: self.name.clone(),
            display_name: String::new(),
            policy: None,
            tags: Tags::default(),
            created: cx.now(),
        };
        tagging::set(&mut topic.tags, tags)?;
        for attribute in self.attributes.iter().flatten() {
            attributes::set(tx, &mut topic, &attribute.key, &attribute.value).await?;
        }
        Ok(topic)
    }

    /// A topic that is there has to be as it is asked for.
    async fn check_same(&self, tx: &mut Tx<'_>, topic: &Topic) -> Result<(), Error> {
        let mut wanted = Topic::clone(topic);
        for attribute in self.attributes.iter().flatten() {
            attributes::set(tx, &mut wanted, &attribute.key, &attribute.value).await?;
        }
        if wanted.display_name != topic.display_name || wanted.policy != topic.policy {
            let reason = "Topic already exists with different attributes";
            return Err(Error::invalid("Attributes", reason));
        }
        let mut tags = Tags::default();
        tagging::set(&mut tags, self.tags.as_deref().unwrap_or_default())?;
        let is_there = |(key, value)| topic.tags.iter().any(|tag| tag == (key, value));
        match tags.iter().all(is_there) {
            true => Ok(()),
            false => Err(Error::invalid(
                "Tags",
                "Topic already exists with different tags",
            )),
        }
    }
}

/// What is counted are topics.
fn limited(error: CommitError) -> Error {
    match error {
        CommitError::LimitReached => Error::TooManyTopics,
        error @ CommitError::Common(_) => error.into(),
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.text("TopicArn", &self.0);
    }
}

/// Of an account in a Region.
const MOST_TOPICS: i64 = 1_000;
