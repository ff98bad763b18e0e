//! `PutRolePermissionsBoundary`: bounds what the policies of a role may grant.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, boundary};
use crate::iam::shapes::{ARN, ROLE_NAME};
use crate::iam::view::Done;
use crate::identity::model::Role;
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
        let ask = Ask {
            action: Action("iam:PutRolePermissionsBoundary"),
            name: &input.role_name,
        };
        boundary::put::<Role>(cx, ask, &input.permissions_boundary).await
    }
}
