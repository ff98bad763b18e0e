//! `DetachRolePolicy`: detaches a managed policy from a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, attached};
use crate::iam::shapes::{ARN, ROLE_NAME};
use crate::iam::view::Done;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DetachRolePolicy;

wire::input! {
    /// What `DetachRolePolicy` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        policy_arn: String = required audited "PolicyArn" ARN,
    }
}

impl Operation for DetachRolePolicy {
    const NAME: &'static str = "DetachRolePolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:DetachRolePolicy"),
            name: &input.role_name,
        };
        attached::detach::<Role>(cx, ask, &input.policy_arn).await
    }
}
