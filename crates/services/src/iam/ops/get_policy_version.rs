//! `GetPolicyVersion`: a version of a managed policy, with its document.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::managed::{PolicyTarget, VersionShown};
use crate::iam::shapes::{ARN, VERSION_ID};
use crate::operation::Operation;
use crate::tx::Reply;
use base::CommonError;
use wire::xml;

pub(crate) struct GetPolicyVersion;

wire::input! {
    /// What `GetPolicyVersion` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
        version_id: String = required audited "VersionId" VERSION_ID,
    }
}

pub(crate) struct Output(VersionShown);

impl Operation for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let permit = cx.authorize(Action("iam:GetPolicyVersion"), target.to_read(cx))?;

        let number = target.version(&permit, &input.version_id)?;
        let all = target.existing(&permit)?.versions(true);
        let version = all.into_iter().find(|one| one.number == number);
        let version =
            version.ok_or_else(|| CommonError::internal("a version that is not there"))?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(version)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("PolicyVersion", |element| self.0.write(element));
    }
}
