//! `GetResourcePolicy`: the policy attached to a secret, as it was written but for principals that
//! are gone ([`shown`]).
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::identity::shown;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::resource_policy::DEFAULT_NAME;
use crate::secretsmanager::shapes::{POLICY_NAME, SECRET_ID};
use crate::secretsmanager::target::Target;
use crate::tx::Reply;
use std::sync::Arc;
use wire::json;

pub(crate) struct GetResourcePolicy;

wire::input! {
    /// What `GetResourcePolicy` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        policy_name: Option<String> = audited "PolicyName" POLICY_NAME,
    }
}

pub(crate) struct Output {
    secret: Arc<Secret>,
    policy: Option<String>,
}

impl Operation for GetResourcePolicy {
    const NAME: &'static str = "GetResourcePolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let permit = cx.authorize_with(
            Action("secretsmanager:GetResourcePolicy"),
            target.resource(),
            &target.keys(),
        )?;

        let secret = Arc::clone(&target.usable(&permit)?.record);
        if input
            .policy_name
            .as_ref()
            .is_some_and(|name| name != DEFAULT_NAME)
        {
            return Err(Error::PolicyNotFound);
        }
        let policy = match target.resource_policy(&permit) {
            Some(found) => Some(shown(&mut tx, &found.record.document).await?),
            None => None,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { secret, policy }))
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.secret.arn());
        object.text("Name", &self.secret.name);
        // COMPAT: a secret without a policy has the two members above and nothing else.
        if let Some(policy) = &self.policy {
            object.text("ResourcePolicy", policy);
            object.text("PolicyName", DEFAULT_NAME);
        }
    }
}
