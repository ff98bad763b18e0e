//! `GetGroupPolicy`: a policy embedded in a group.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::inline::InlinePolicy;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{GROUP_NAME, POLICY_NAME};
use crate::identity::model::Group;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct GetGroupPolicy;

wire::input! {
    /// What `GetGroupPolicy` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
    }
}

impl Operation for GetGroupPolicy {
    const NAME: &'static str = "GetGroupPolicy";
    type Input = Input;
    type Output = InlinePolicy<Group>;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<InlinePolicy<Group>>, Error> {
        let ask = Ask {
            action: Action("iam:GetGroupPolicy"),
            name: &input.group_name,
        };
        inline::get(cx, ask, &input.policy_name).await
    }
}
