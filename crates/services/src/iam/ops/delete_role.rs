//! `DeleteRole`: deletes a role that no policy hangs on. Its sessions end at once.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::{Error, Remainder};
use crate::iam::grants::boundary;
use crate::iam::last_used;
use crate::iam::limits::ROLES;
use crate::iam::shapes::ROLE_NAME;
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteRole;

wire::input! {
    /// What `DeleteRole` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
    }
}

impl Operation for DeleteRole {
    const NAME: &'static str = "DeleteRole";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let permit = cx.authorize(Action("iam:DeleteRole"), target.resource())?;

        let found = target.existing(&permit)?;
        let role = &found.record;
        if !role.grants.attached.is_empty() {
            return Err(Error::DeleteConflict(Remainder::AttachedPolicies));
        }
        if !role.grants.inline.is_empty() {
            return Err(Error::DeleteConflict(Remainder::InlinePolicies));
        }
        boundary::unset(&mut tx, &permit, role.as_ref()).await?;
        last_used::forget(&mut tx, &permit, &role.id).await?;
        ROLES.give_back(cx, &mut tx, &permit);
        tx.delete::<Role>(&permit, &Role::key_of(cx.account(), &role.name), found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
