//! `UntagResource`: removes tags of a key by their keys; what is not there is ignored.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::kms::dues;
use crate::kms::error::Error;
use crate::kms::model::KmsKey;
use crate::kms::shapes::{KEY_ID, TAG_KEYS};
use crate::kms::target::Target;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagResource;

wire::input! {
    /// What `UntagResource` takes.
    pub(crate) struct Input {
        key_id: String = required audited "KeyId" KEY_ID,
        tag_keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::to_manage(cx, &mut tx, &input.key_id).await?;
        let tag_keys = input.tag_keys.iter().map(String::as_str);
        let keys = target.keys(cx).tag_keys(tag_keys);
        let action = Action("kms:UntagResource");
        let permit = target.permit(cx, &mut tx, action, &keys).await?;

        let key = target.lasting(&permit)?;
        let mut untagged = KmsKey::clone(&key.record);
        untagged.tags.remove(&input.tag_keys);
        dues::save(&mut tx, &permit, untagged, key.rev).await?;
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
