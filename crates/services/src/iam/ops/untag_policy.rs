//! `UntagPolicy`: takes tags off a managed policy.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::managed::PolicyTarget;
use crate::iam::shapes::{ARN, TAG_KEYS};
use crate::iam::tagging;
use crate::iam::view::Done;
use crate::identity::model::ManagedPolicy;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct UntagPolicy;

wire::input! {
    /// What `UntagPolicy` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
        tag_keys: Vec<String> = required audited "TagKeys" TAG_KEYS,
    }
}

impl Operation for UntagPolicy {
    const NAME: &'static str = "UntagPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let keys = Keys::none().tag_keys(input.tag_keys.iter().map(String::as_str));
        let permit = cx.authorize_with(Action("iam:UntagPolicy"), target.to_change(), &keys)?;

        let found = target.own(&permit)?;
        let mut policy = ManagedPolicy::clone(&found.record);
        tagging::unset(&mut policy.tags, &input.tag_keys);
        tx.update(&permit, policy, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
