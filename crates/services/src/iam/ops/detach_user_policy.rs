//! `DetachUserPolicy`: detaches a managed policy from a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, attached};
use crate::iam::shapes::{ARN, USER_NAME};
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DetachUserPolicy;

wire::input! {
    /// What `DetachUserPolicy` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" USER_NAME,
        policy_arn: String = required audited "PolicyArn" ARN,
    }
}

impl Operation for DetachUserPolicy {
    const NAME: &'static str = "DetachUserPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:DetachUserPolicy"),
            name: &input.user_name,
        };
        attached::detach::<User>(cx, ask, &input.policy_arn).await
    }
}
