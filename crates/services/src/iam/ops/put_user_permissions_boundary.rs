//! `PutUserPermissionsBoundary`: bounds what the policies of a user can grant.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, boundary};
use crate::iam::shapes::{ARN, USER_NAME};
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct PutUserPermissionsBoundary;

wire::input! {
    /// What `PutUserPermissionsBoundary` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" USER_NAME,
        permissions_boundary: String = required audited "PermissionsBoundary" ARN,
    }
}

impl Operation for PutUserPermissionsBoundary {
    const NAME: &'static str = "PutUserPermissionsBoundary";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:PutUserPermissionsBoundary"),
            name: &input.user_name,
        };
        boundary::put::<User>(cx, ask, &input.permissions_boundary).await
    }
}
