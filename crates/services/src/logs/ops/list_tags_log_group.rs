//! `ListTagsLogGroup`: the tags of a log group.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::shapes::GROUP;
use crate::logs::tagging::Shown;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct ListTagsLogGroup;

wire::input! {
    /// What `ListTagsLogGroup` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
    }
}

impl Operation for ListTagsLogGroup {
    const NAME: &'static str = "ListTagsLogGroup";
    type Input = Input;
    type Output = Shown;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Shown>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let permit = target.permit(cx, Action("logs:ListTagsLogGroup"), None)?;

        let tags = target.existing(&permit)?.tags.clone();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Shown(tags)))
    }
}
