//! `DeleteUserPolicy`: takes away a policy embedded in a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{EXISTING_USER_NAME, POLICY_NAME};
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteUserPolicy;

wire::input! {
    /// What `DeleteUserPolicy` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
    }
}

impl Operation for DeleteUserPolicy {
    const NAME: &'static str = "DeleteUserPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:DeleteUserPolicy"),
            name: &input.user_name,
        };
        inline::delete::<User>(cx, ask, &input.policy_name).await
    }
}
