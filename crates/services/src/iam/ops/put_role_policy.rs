//! `PutRolePolicy`: embeds a policy in a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{DOCUMENT, POLICY_NAME, ROLE_NAME};
use crate::iam::view::Done;
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct PutRolePolicy;

wire::input! {
    /// What `PutRolePolicy` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
        policy_document: String = required audited "PolicyDocument" DOCUMENT,
    }
}

impl Operation for PutRolePolicy {
    const NAME: &'static str = "PutRolePolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:PutRolePolicy"),
            name: &input.role_name,
        };
        inline::put::<Role>(cx, ask, &input.policy_name, &input.policy_document).await
    }
}
