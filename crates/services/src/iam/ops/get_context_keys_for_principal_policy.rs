//! `GetContextKeysForPrincipalPolicy`: the condition keys that the policies of an identity ask for,
//! and policies of the request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::shapes::ARN;
use crate::iam::simulation::{HolderTarget, POLICIES, add_given, context_keys};
use crate::operation::Operation;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct GetContextKeysForPrincipalPolicy;

wire::input! {
    /// What `GetContextKeysForPrincipalPolicy` takes.
    pub(crate) struct Input {
        arn: String = required audited "PolicySourceArn" ARN,
        policies: Option<Vec<String>> = audited "PolicyInputList" POLICIES,
    }
}

pub(crate) struct Output(Vec<String>);

impl Operation for GetContextKeysForPrincipalPolicy {
    const NAME: &'static str = "GetContextKeysForPrincipalPolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = HolderTarget::find(cx, &mut tx, &input.arn).await?;
        let action = Action("iam:GetContextKeysForPrincipalPolicy");
        let permit = cx.authorize(action, target.resource())?;

        let holder = target.existing(&permit)?;
        let mut sources = holder.sources(&mut tx, cx.account(), &[]).await?;
        add_given(&mut sources, input.policies.as_deref().unwrap_or_default())?;
        let keys = context_keys(&sources)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(keys)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        result.texts("ContextKeyNames", &self.0);
    }
}
