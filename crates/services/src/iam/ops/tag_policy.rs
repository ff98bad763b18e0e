//! `TagPolicy`: puts tags on a managed policy.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html>

use crate::authorize::Action;
use crate::context::Keys;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::managed::PolicyTarget;
use crate::iam::shapes::ARN;
use crate::iam::tagging;
use crate::iam::tags::{TAGS, Tag};
use crate::iam::view::Done;
use crate::identity::model::ManagedPolicy;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct TagPolicy;

wire::input! {
    /// What `TagPolicy` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
        tags: Vec<Tag> = required audited "Tags" TAGS,
    }
}

impl Operation for TagPolicy {
    const NAME: &'static str = "TagPolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let keys = Keys::none().tags(input.tags.iter().map(Tag::shown));
        let permit = cx.authorize_with(Action("iam:TagPolicy"), target.to_change(), &keys)?;

        let found = target.own(&permit)?;
        let mut policy = ManagedPolicy::clone(&found.record);
        tagging::set(&mut policy.tags, &input.tags)?;
        tx.update(&permit, policy, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
