//! `UntagResource`: removes tags of a log group.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::LogGroup;
use crate::logs::shapes::{RESOURCE, TAG_KEYS};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagResource;

wire::input! {
    /// What `UntagResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "resourceArn" RESOURCE,
        keys: Vec<String> = required audited "tagKeys" TAG_KEYS,
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::tagged(cx, &mut tx, &input.resource).await?;
        let keys = Keys::none().tag_keys(input.keys.iter().map(String::as_str));
        let permit = target.permit_with(cx, Action("logs:UntagResource"), &keys)?;

        let found = target.versioned(&permit)?;
        let mut group = LogGroup::clone(&found.record);
        group.tags.remove(&input.keys);
        tx.update(&permit, group, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
