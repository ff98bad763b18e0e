//! `DetachGroupPolicy`: detaches a managed policy from a group.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, attached};
use crate::iam::shapes::{ARN, GROUP_NAME};
use crate::iam::view::Done;
use crate::identity::model::Group;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DetachGroupPolicy;

wire::input! {
    /// What `DetachGroupPolicy` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        policy_arn: String = required audited "PolicyArn" ARN,
    }
}

impl Operation for DetachGroupPolicy {
    const NAME: &'static str = "DetachGroupPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:DetachGroupPolicy"),
            name: &input.group_name,
        };
        attached::detach::<Group>(cx, ask, &input.policy_arn).await
    }
}
