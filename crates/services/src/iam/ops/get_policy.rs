//! `GetPolicy`: a managed policy, and how many identities use it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::managed::{Policy, PolicyTarget, Usage, usage};
use crate::iam::shapes::ARN;
use crate::iam::view::write_tags;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct GetPolicy;

wire::input! {
    /// What `GetPolicy` takes.
    pub(crate) struct Input {
        policy_arn: String = required audited "PolicyArn" ARN,
    }
}

pub(crate) struct Output {
    policy: Policy,
    usage: Usage,
}

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = PolicyTarget::find(cx, &mut tx, &input.policy_arn).await?;
        let permit = cx.authorize(Action("iam:GetPolicy"), target.to_read(cx))?;

        let policy = target.existing(&permit)?;
        let usage = usage(cx, &mut tx, &input.policy_arn).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { policy, usage }))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.element("Policy", |element| {
            self.policy.write(element, self.usage);
            self.policy.write_description(element);
            if let Some(tags) = self.policy.tags() {
                write_tags(element, tags);
            }
        });
    }
}
