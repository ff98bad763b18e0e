//! `TagResource`: sets tags of a key, keeping the others.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::shapes::KEY_ID;
use crate::kms::tagging::{self, TAGS, Tag};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct TagResource;

wire::input! {
    /// What `TagResource` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        tags: Vec<Tag> = required audited "Tags" TAGS,
    }
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let keys = target.keys(cx).tags(input.tags.iter().map(Tag::shown));
        let action = Action("kms:TagResource");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = target.lasting(&permit)?;
        let mut tagged = KmsKey::clone(&key.record);
        tagging::set(&mut tagged.tags, &input.tags)?;
        dues::save(&mut tx, &permit, tagged, key.rev).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
