//! `DeleteUserPermissionsBoundary`: takes the permissions boundary of a user away.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, boundary};
use crate::iam::shapes::USER_NAME;
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteUserPermissionsBoundary;

wire::input! {
    /// What `DeleteUserPermissionsBoundary` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" USER_NAME,
    }
}

impl Operation for DeleteUserPermissionsBoundary {
    const NAME: &'static str = "DeleteUserPermissionsBoundary";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:DeleteUserPermissionsBoundary"),
            name: &input.user_name,
        };
        boundary::delete::<User>(cx, ask).await
    }
}
