//! `UntagResource`: removes tags of an alarm.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_UntagResource.html>

use super::tag_resource::Nothing;
use crate::authorize::Action;
use crate::cloudwatch::alarm_id::Target;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::Alarm;
use crate::cloudwatch::shapes::{RESOURCE, TAG_KEYS};
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagResource;

wire::input! {
    /// What `UntagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceARN" RESOURCE,
        keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = Nothing;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Nothing>, Error> {
        let mut tx = cx.begin();
        let target = Target::tagged(cx, &mut tx, &input.resource).await?;
        let keys = Keys::none().tag_keys(input.keys.iter().map(String::as_str));
        let permit = target.permit(cx, Action("cloudwatch:UntagResource"), &keys)?;

        let found = target.found(&permit).ok_or(Error::ResourceNotFound)?;
        let mut alarm = Alarm::clone(&found.record);
        alarm.tags.remove(&input.keys);
        tx.update(&permit, alarm, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Nothing))
    }
}
