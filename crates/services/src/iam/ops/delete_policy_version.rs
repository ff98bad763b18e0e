//! `DeletePolicyVersion`: deletes a version of a managed policy that is not in force.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::managed::PolicyTarget;
use crate::iam::shapes::{ARN, VERSION_ID};
use crate::iam::view::Done;
use crate::identity::model::ManagedPolicy;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct DeletePolicyVersion;

wire::input! {
    /// What `DeletePolicyVersion` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
        version_id: String = required audited "VersionId" VERSION_ID,
    }
}

impl Operation for DeletePolicyVersion {
    const NAME: &'static str = "DeletePolicyVersion";
    type Input = Input;
    type Output = Done;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Done>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let permit = cx.authorize(Action("iam:DeletePolicyVersion"), target.to_change())?;

        let found = target.own(&permit)?;
        let mut policy = ManagedPolicy::clone(&found.record);
        let number = target.version(&permit, &input.version_id)?;
        if number == policy.default_version {
            return Err(Error::VersionIsDefault);
        }
        policy.versions.retain(|version| version.number != number);
        tx.update(&permit, policy, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Done))
    }
}
