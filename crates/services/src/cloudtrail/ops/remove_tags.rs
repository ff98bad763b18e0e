//! `RemoveTags`: takes tags of a trail away.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html>

use crate::authorize::Action;
use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::shapes::{TAGS, TEXT};
use crate::cloudtrail::tagging::Tag;
use crate::cloudtrail::target::Target;
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct RemoveTags;

wire::input! {
    /// What `RemoveTags` takes.
    pub(crate) struct Input {
        resource: String = required audited "ResourceId" TEXT,
        tags: Vec<Tag> = required audited "TagsList" TAGS,
    }
}

impl Operation for RemoveTags {
    const NAME: &'static str = "RemoveTags";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.resource).await?;
        let keys = Keys::none().tag_keys(input.tags.iter().map(|tag| tag.key.as_str()));
        let permit = target.permit_with(cx, Action("cloudtrail:RemoveTags"), keys)?;

        let found = target.tagged(&permit)?;
        let mut trail = Trail::clone(&found.record);
        let keys: Vec<String> = input.tags.iter().map(|tag| tag.key.clone()).collect();
        trail.tags.remove(&keys);
        tx.update(&permit, trail, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
