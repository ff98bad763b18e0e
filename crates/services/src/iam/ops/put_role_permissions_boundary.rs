//! `PutRolePermissionsBoundary`: bounds what the policies of a role may grant.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::boundary;
use crate::iam::error::Error;
use crate::iam::shapes::{ARN, ROLE_NAME};
use crate::iam::target::Target;
use crate::iam::view::Done;
use crate::identity::model::{EntityKind, Role};
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct PutRolePermissionsBoundary;

wire::input! {
    /// What `PutRolePermissionsBoundary` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        permissions_boundary: String = required audited "PermissionsBoundary" ARN,
    }
}

impl Operation for PutRolePermissionsBoundary {
    const NAME: &'static str = "PutRolePermissionsBoundary";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = Target::<Role>::find(cx, &mut tx, &input.role_name).await?;
        let bound = input.permissions_boundary.as_str();
        let keys = Keys::none().text("iam:permissionsboundary", bound);
        let permit = cx.authorize_with(
            Action("iam:PutRolePermissionsBoundary"),
            target.resource(),
            &keys,
        )?;

        let found = target.existing(&permit)?;
        let mut role = Role::clone(&found.record);
        let (kind, name) = (EntityKind::Role, &role.name);
        if role.boundary.as_deref() != Some(bound) {
            if let Some(old) = &role.boundary {
                boundary::unset(cx, &mut tx, &permit, old, kind, name).await?;
            }
            boundary::set(cx, &mut tx, &permit, bound, kind, name, &role.id).await?;
            role.boundary = Some(bound.to_owned());
            tx.update(&permit, role, found.rev);
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
