//! `TagResource`: sets tags, keeping the others.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html>

use crate::authorize::{Action, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::shapes::{SECRET_ID, TAG_KEY, TAG_VALUE};
use crate::secretsmanager::target::Target;
use crate::tags::Tags;
use crate::tx::Reply;
use base::CommonError;
use wire::{Input as _, Shape, UNBOUNDED};

pub(crate) struct TagResource;

wire::input! {
    /// What `TagResource` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        tags: Vec<Tag> = required audited "Tags" TAGS,
    }
}

wire::input! {
    /// A tag as a request gives it.
    pub(crate) struct Tag {
        key: Option<String> = audited "Key" TAG_KEY,
        value: Option<String> = audited "Value" TAG_VALUE,
    }
}

/// A list of tags; how many a secret may have is the service's to check.
pub(super) const TAGS: Shape = Shape::list(&TAG, 0, UNBOUNDED);
const TAG: Shape = Shape::structure(Tag::SHAPE);

impl Tag {
    /// Key and value, as conditions see them.
    pub(super) fn shown(&self) -> (&str, &str) {
        let key = self.key.as_deref().unwrap_or_default();
        (key, self.value.as_deref().unwrap_or_default())
    }

    /// Key and value. COMPAT: the model requires neither. An absent value is an empty one; a tag
    /// without a key could never be removed again and is refused.
    fn pair(&self) -> (Option<String>, String) {
        (self.key.clone(), self.value.clone().unwrap_or_default())
    }
}

/// Sets the tags `given`.
///
/// # Errors
/// As [`Tags::set_distinct`].
pub(super) fn set(tags: &mut Tags, given: &[Tag], most: usize) -> Result<(), Error> {
    Ok(tags.set_distinct(most, given.iter().map(Tag::pair))?)
}

/// Refuses tags of `secret`, the new form of `target`, under which the caller could not do the same
/// again (behaviour reference §9).
///
/// COMPAT: AWS speaks of losing one's permissions; the one in question is that for `action`.
pub(super) fn still_allowed(
    cx: &Cx<'_>,
    action: Action,
    target: &Target,
    secret: &Secret,
    keys: &Keys<'_>,
) -> Result<(), CommonError> {
    let resource = Resource {
        tags: secret.tags.as_ref(),
        ..target.resource()
    };
    cx.authorize_with(action, resource, keys).map(drop)
}

/// The action that sets tags, here or while a secret is made.
pub(super) const TAG_RESOURCE: Action = Action("secretsmanager:TagResource");

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let keys = target.keys().tags(input.tags.iter().map(Tag::shown));
        let permit = cx.authorize_with(TAG_RESOURCE, target.resource(), &keys)?;

        let found = target.usable(&permit)?;
        let mut secret = Secret::clone(&found.record);
        let most = cx.limits_of(&secret.account).tags;
        set(secret.tags.get_or_insert_default(), &input.tags, most)?;
        still_allowed(cx, TAG_RESOURCE, &target, &secret, &keys)?;
        secret.changed = cx.now();
        tx.update(&permit, secret, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}
