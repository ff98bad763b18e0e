//! `SetTopicAttributes`: sets one attribute of a topic.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::sns::attributes;
use crate::sns::error::Error;
use crate::sns::records::Topic;
use crate::sns::shapes::TEXT;
use crate::sns::target::Target;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct SetTopicAttributes;

wire::input! {
    /// What `SetTopicAttributes` takes.
    pub(crate) struct Input {
        topic: String = required audited "TopicArn" TEXT,
        name: String = required audited "AttributeName" TEXT,
        value: Option<String> = audited "AttributeValue" TEXT,
    }
}

pub(crate) struct Output;

impl Operation for SetTopicAttributes {
    const NAME: &'static str = "SetTopicAttributes";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::named(cx, &mut tx, &input.topic).await?;
        let permit = target.permit(cx, Action("SNS:SetTopicAttributes"))?;

        let found = target.existing(&permit)?;
        let mut topic = Topic::clone(&found.record);
        let value = input.value.as_deref().unwrap_or_default();
        attributes::set(&mut tx, &mut topic, &input.name, value).await?;
        tx.update(&permit, topic, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output))
    }
}

impl xml::Output for Output {
    const HAS_RESULT: bool = false;

    fn write(&self, _: &mut xml::Element<'_>) {}
}
