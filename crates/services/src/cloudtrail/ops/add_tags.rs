//! `AddTags`: sets tags of a trail, keeping the others.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html>

use crate::authorize::Action;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::shapes::{TAGS, TEXT};
use crate::cloudtrail::tagging::{self, Tag};
use crate::cloudtrail::target::Target;
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct AddTags;

wire::input! {
    /// What `AddTags` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceId" TEXT,
        tags: Vec<Tag> = required audited "TagsList" TAGS,
    }
}

impl Operation for AddTags {
    const NAME: &'static str = "AddTags";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.resource).await?;
        let keys = Keys::none().tags(input.tags.iter().map(Tag::shown));
        let permit = target.permit_with(cx, Action("cloudtrail:AddTags"), keys)?;

        let found = target.tagged(&permit)?;
        let mut trail = Trail::clone(&found.record);
        tagging::set(&mut trail.tags, &input.tags)?;
        tx.update(&permit, trail, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
