//! `AttachGroupPolicy`: attaches a managed policy to a group.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, attached};
use crate::iam::shapes::{ARN, GROUP_NAME};
use crate::iam::view::Done;
use crate::identity::model::Group;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct AttachGroupPolicy;

wire::input! {
    /// What `AttachGroupPolicy` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        policy_arn: String = required audited "PolicyArn" ARN,
    }
}

impl Operation for AttachGroupPolicy {
    const NAME: &'static str = "AttachGroupPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:AttachGroupPolicy"),
            name: &input.group_name,
        };
        attached::attach::<Group>(cx, ask, &input.policy_arn).await
    }
}
