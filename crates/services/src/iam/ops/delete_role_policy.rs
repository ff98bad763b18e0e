//! `DeleteRolePolicy`: takes away a policy embedded in a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{POLICY_NAME, ROLE_NAME};
use crate::iam::view::Done;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteRolePolicy;

wire::input! {
    /// What `DeleteRolePolicy` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
    }
}

impl Operation for DeleteRolePolicy {
    const NAME: &'static str = "DeleteRolePolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:DeleteRolePolicy"),
            name: &input.role_name,
        };
        inline::delete::<Role>(cx, ask, &input.policy_name).await
    }
}
