//! `ListTagsForResource`: the tags of a log group.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::Target;
use crate::logs::shapes::RESOURCE;
use crate::logs::tagging::Shown;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct ListTagsForResource;

wire::input! {
    /// What `ListTagsForResource` takes.
    pub(crate) struct Input {
        resource: String = required audited "resourceArn" RESOURCE,
    }
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Input = Input;
    type Output = Shown;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Shown>, Error> {
        let mut tx = cx.begin();
        let target = Target::tagged(cx, &mut tx, &input.resource).await?;
        let permit = target.permit(cx, Action("logs:ListTagsForResource"), None)?;

        let tags = target.existing(&permit)?.tags.clone();
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Shown(tags)))
    }
}
