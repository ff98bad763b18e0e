//! `UntagRole`: takes tags off a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::{ROLE_NAME, TAG_KEYS};
use crate::iam::tagging;
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagRole;

wire::input! {
    /// What `UntagRole` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        tag_keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagRole {
    const NAME: &'static str = "UntagRole";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let keys = Keys::none().tag_keys(input.tag_keys.iter().map(String::as_str));
        let permit = cx.authorize_with(Action("iam:UntagRole"), target.resource(), &keys)?;

        let found = target.existing(&permit)?;
        let mut role = Role::clone(&found.record);
        tagging::unset(&mut role.tags, &input.tag_keys);
        tx.update(&permit, role, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
