//! `TagLogGroup`: sets tags of a log group, keeping the others.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::records::LogGroup;
use crate::logs::shapes::{GROUP, TAGS};
use crate::logs::tagging;
use crate::operation::Operation;
use crate::tx::Reply;
use std::collections::BTreeMap;

pub(crate) struct TagLogGroup;

wire::input! {
    /// What `TagLogGroup` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        tags: BTreeMap<String, String> = required audited "tags" TAGS,
    }
}

impl Operation for TagLogGroup {
    const NAME: &'static str = "TagLogGroup";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let keys = Keys::none().tags(tagging::pairs(&input.tags));
        let permit = target.permit_with(cx, Action("logs:TagLogGroup"), &keys)?;

        let found = target.versioned(&permit)?;
        let mut group = LogGroup::clone(&found.record);
        tagging::set(&mut group.tags, &input.tags)?;
        tx.update(&permit, group, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
