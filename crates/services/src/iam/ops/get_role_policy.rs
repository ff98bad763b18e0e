//! `GetRolePolicy`: a policy embedded in a role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::inline::InlinePolicy;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{POLICY_NAME, ROLE_NAME};
use crate::identity::model::Role;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct GetRolePolicy;

wire::input! {
    /// What `GetRolePolicy` takes.
    pub(crate) struct Input {
        role_name: String = required audited "RoleName" ROLE_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
    }
}

impl Operation for GetRolePolicy {
    const NAME: &'static str = "GetRolePolicy";
    type Input = Input;
    type Output = InlinePolicy<Role>;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<InlinePolicy<Role>>, Error> {
        let ask = Ask {
            action: Action("iam:GetRolePolicy"),
            name: &input.role_name,
        };
        inline::get(cx, ask, &input.policy_name).await
    }
}
