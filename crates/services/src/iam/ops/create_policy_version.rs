//! `CreatePolicyVersion`: a new version of a managed policy, in force if asked so.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::limits::POLICY_VERSIONS;
use crate::iam::managed::{self, PolicyTarget, VersionShown};
use crate::iam::shapes::{ARN, BOOLEAN, DOCUMENT};
use crate::identity::model::{ManagedPolicy, PolicyVersion};
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct CreatePolicyVersion;

wire::input! {
    /// What `CreatePolicyVersion` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
        policy_document: String = required audited "PolicyDocument" DOCUMENT,
        set_as_default: Option<bool> = audited "SetAsDefault" BOOLEAN,
    }
}

pub(crate) struct Output(VersionShown);

impl Operation for CreatePolicyVersion {
    const NAME: &'static str = "CreatePolicyVersion";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let permit = cx.authorize(Action("iam:CreatePolicyVersion"), target.to_change())?;

        let found = target.own(&permit)?;
        let mut policy = ManagedPolicy::clone(&found.record);
        let document = managed::parse(&input.policy_document)?;
        if policy.versions.len() >= POLICY_VERSIONS {
            return Err(Error::TooMany(
                "A managed policy can have up to 5 versions. Before you create a new version, \
                 you must delete an existing version.",
            ));
        }
        let version = PolicyVersion {
            number: policy.next_version,
            created: cx.now(),
            document,
        };
        policy.next_version += 1;
        policy.updated = version.created;
        if input.set_as_default == Some(true) {
            policy.default_version = version.number;
        }
        let shown = VersionShown::of(&policy, &version, false);
        policy.versions.push(version);
        tx.update(&permit, policy, found.rev);
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(shown)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("PolicyVersion", |element| self.0.write(element));
    }
}
