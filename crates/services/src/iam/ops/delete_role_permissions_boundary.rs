//! `DeleteRolePermissionsBoundary`: takes the bound off the policies of a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::boundary;
use crate::iam::error::Error;
use crate::iam::shapes::ROLE_NAME;
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::{EntityKind, Role};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteRolePermissionsBoundary;

wire::input! {
    /// What `DeleteRolePermissionsBoundary` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
    }
}

impl Operation for DeleteRolePermissionsBoundary {
    const NAME: &'static str = "DeleteRolePermissionsBoundary";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let keys = Keys::none().opt_text("iam:permissionsboundary", target.boundary());
        let permit = cx.authorize_with(
            Action("iam:DeleteRolePermissionsBoundary"),
            target.resource(),
            &keys,
        )?;

        let found = target.existing(&permit)?;
        let mut role = Role::clone(&found.record);
        let Some(old) = role.boundary.take() else {
            return Err(Error::BoundaryNotFound(input.role_name.clone()));
        };
        let (kind, name) = (EntityKind::Role, &role.name);
        boundary::unset(cx, &mut tx, &permit, &old, kind, name).await?;
        tx.update(&permit, role, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
