//! `DeletePolicy`: deletes a managed policy that nobody uses, with its one version.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::POLICIES;
use crate::iam::managed::{PolicyTarget, is_used};
use crate::iam::shapes::ARN;
use crate::iam::view::Done;
use crate::identity::model::ManagedPolicy;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeletePolicy;

wire::input! {
    /// What `DeletePolicy` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
    }
}

impl Operation for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let permit = cx.authorize(Action("iam:DeletePolicy"), target.to_change())?;

        let found = target.own(&permit)?;
        if is_used(cx, &mut tx, &input.policy_arn).await? {
            return Err(Error::PolicyAttached);
        }
        if found.record.versions.len() > 1 {
            return Err(Error::PolicyHasVersions);
        }
        POLICIES.give_back(cx, &mut tx, &permit);
        let key = ManagedPolicy::key_of(cx.account(), &found.record.name);
        tx.delete::<ManagedPolicy>(&permit, &key, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
