//! `UntagLogGroup`: removes tags of a log group.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::LogGroup;
use crate::logs::shapes::{GROUP, TAGS_REMOVED};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagLogGroup;

wire::input! {
    /// What `UntagLogGroup` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        keys: Vec<String> = required audited "tags" TAGS_REMOVED,
    }
}

impl Operation for UntagLogGroup {
    const NAME: &'static str = "UntagLogGroup";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let keys = Keys::none().tag_keys(input.keys.iter().map(String::as_str));
        let permit = target.permit_with(cx, Action("logs:UntagLogGroup"), &keys)?;

        let found = target.versioned(&permit)?;
        let mut group = LogGroup::clone(&found.record);
        group.tags.remove(&input.keys);
        tx.update(&permit, group, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
