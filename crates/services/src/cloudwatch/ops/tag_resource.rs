//! `TagResource`: sets tags of an alarm, keeping the others.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html>

use crate::authorize::Action;
use crate::cloudwatch::alarm_id::Target;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::Alarm;
use crate::cloudwatch::shapes::{RESOURCE, TAGS, TagInput};
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tags::MAX_TAGS;
use crate::tx::Reply;
use wire::tree::{self, Fields};

pub(crate) struct TagResource;

wire::input! {
    /// What `TagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceARN" RESOURCE,
        tags: Vec<TagInput> = required audited "Tags" TAGS,
    }
}

/// An answer without members, which the model has an output for.
pub(crate) struct Nothing;

impl tree::Output for Nothing {
    fn fields(&self) -> Fields {
        Fields::default()
    }
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let target = Target::tagged(cx, &mut tx, &input.resource).await?;
        let pairs = input.tags.iter();
        let keys = Keys::none().tags(pairs.map(|tag| (tag.key.as_str(), tag.value.as_str())));
        let permit = target.permit(cx, Action("cloudwatch:TagResource"), &keys)?;

        let found = target.found(&permit).ok_or(Error::ResourceNotFound)?;
        let mut alarm = Alarm::clone(&found.record);
        let given = input.tags.iter();
        let given = given.map(|tag| (Some(tag.key.clone()), tag.value.clone()));
        alarm.tags.set_distinct(MAX_TAGS, given)?;
        tx.update(&permit, alarm, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Nothing))
    }
}
