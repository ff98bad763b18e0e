//! `PutGroupPolicy`: embeds a policy in a group.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{DOCUMENT, GROUP_NAME, POLICY_NAME};
use crate::iam::view::Done;
use crate::identity::model::Group;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct PutGroupPolicy;

wire::input! {
    /// What `PutGroupPolicy` takes.
    pub(crate) struct Input {
        group_name: String = required audited "GroupName" GROUP_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
        policy_document: String = required audited "PolicyDocument" DOCUMENT,
    }
}

impl Operation for PutGroupPolicy {
    const NAME: &'static str = "PutGroupPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:PutGroupPolicy"),
            name: &input.group_name,
        };
        inline::put::<Group>(cx, ask, &input.policy_name, &input.policy_document).await
    }
}
