//! `TagRole`: puts tags on a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::ROLE_NAME;
use crate::iam::tagging;
use crate::iam::tags::{TAGS, Tag};
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct TagRole;

wire::input! {
    /// What `TagRole` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        tags: Vec<Tag> = required audited "Tags" TAGS,
    }
}

impl Operation for TagRole {
    const NAME: &'static str = "TagRole";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let keys = Keys::none().tags(input.tags.iter().map(Tag::shown));
        let permit = cx.authorize_with(Action("iam:TagRole"), target.resource(), &keys)?;

        let found = target.existing(&permit)?;
        let mut role = Role::clone(&found.record);
        tagging::set(&mut role.tags, &input.tags)?;
        tx.update(&permit, role, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
