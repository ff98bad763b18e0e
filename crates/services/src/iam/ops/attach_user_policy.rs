//! `AttachUserPolicy`: attaches a managed policy to a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, attached};
use crate::iam::shapes::{ARN, USER_NAME};
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct AttachUserPolicy;

wire::input! {
    /// What `AttachUserPolicy` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" USER_NAME,
        policy_arn: String = required audited "PolicyArn" ARN,
    }
}

impl Operation for AttachUserPolicy {
    const NAME: &'static str = "AttachUserPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:AttachUserPolicy"),
            name: &input.user_name,
        };
        attached::attach::<User>(cx, ask, &input.policy_arn).await
    }
}
