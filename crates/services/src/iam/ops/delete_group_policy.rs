//! `DeleteGroupPolicy`: takes away a policy embedded in a group.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{GROUP_NAME, POLICY_NAME};
use crate::iam::view::Done;
use crate::identity::model::Group;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeleteGroupPolicy;

wire::input! {
    /// What `DeleteGroupPolicy` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
    }
}

impl Operation for DeleteGroupPolicy {
    const NAME: &'static str = "DeleteGroupPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:DeleteGroupPolicy"),
            name: &input.group_name,
        };
        inline::delete::<Group>(cx, ask, &input.policy_name).await
    }
}
