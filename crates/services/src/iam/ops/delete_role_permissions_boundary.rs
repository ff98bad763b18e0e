//! `DeleteRolePermissionsBoundary`: takes the bound off the policies of a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, boundary};
use crate::iam::shapes::ROLE_NAME;
use crate::iam::view::Done;
use crate::identity::model::Role;
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
        let ask = Ask {
            action: Action("iam:DeleteRolePermissionsBoundary"),
            name: &input.role_name,
        };
        boundary::delete::<Role>(cx, ask).await
    }
}
