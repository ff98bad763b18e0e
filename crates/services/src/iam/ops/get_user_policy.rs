//! `GetUserPolicy`: a policy embedded in a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::inline::InlinePolicy;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{EXISTING_USER_NAME, POLICY_NAME};
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct GetUserPolicy;

wire::input! {
    /// What `GetUserPolicy` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
    }
}

impl Operation for GetUserPolicy {
    const NAME: &'static str = "GetUserPolicy";
    type Input = Input;
    type Output = InlinePolicy<User>;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<InlinePolicy<User>>, Error> {
        let ask = Ask {
            action: Action("iam:GetUserPolicy"),
            name: &input.user_name,
        };
        inline::get(cx, ask, &input.policy_name).await
    }
}
