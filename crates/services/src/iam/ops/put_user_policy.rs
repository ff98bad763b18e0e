//! `PutUserPolicy`: embeds a policy in a user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::grants::{Ask, inline};
use crate::iam::shapes::{DOCUMENT, EXISTING_USER_NAME, POLICY_NAME};
use crate::iam::view::Done;
use crate::identity::model::User;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct PutUserPolicy;

wire::input! {
    /// What `PutUserPolicy` takes.
    pub(crate) struct Input {
        user_name: String = required audited "UserName" EXISTING_USER_NAME,
        policy_name: String = required audited "PolicyName" POLICY_NAME,
        policy_document: String = required audited "PolicyDocument" DOCUMENT,
    }
}

impl Operation for PutUserPolicy {
    const NAME: &'static str = "PutUserPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let ask = Ask {
            action: Action("iam:PutUserPolicy"),
            name: &input.user_name,
        };
        inline::put::<User>(cx, ask, &input.policy_name, &input.policy_document).await
    }
}
