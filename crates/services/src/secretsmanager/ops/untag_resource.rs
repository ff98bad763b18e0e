//! `UntagResource`: removes tags by their keys.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html>

use super::tag_resource::still_allowed;
use crate::authorize::Action;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::shapes::{SECRET_ID, TAG_KEYS};
use crate::secretsmanager::target::Target;
use crate::tx::Reply;

pub(crate) struct UntagResource;

wire::input! {
    /// What `UntagResource` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
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
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let keys = target
            .keys()
            .tag_keys(input.tag_keys.iter().map(String::as_str));
        let permit = cx.authorize_with(UNTAG_RESOURCE, target.resource(), &keys)?;

        let found = target.usable(&permit)?;
        let mut secret = Secret::clone(&found.record);
        if let Some(tags) = &mut secret.tags {
            tags.remove(&input.tag_keys);
        }
        still_allowed(cx, UNTAG_RESOURCE, &target, &secret, &keys)?;
        secret.changed = cx.now();
        tx.update(&permit, secret, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

const UNTAG_RESOURCE: Action = Action("secretsmanager:UntagResource");
