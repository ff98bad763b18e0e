//! `DeleteResourcePolicy`: takes the policy off a secret.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteResourcePolicy.html>

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::ops::put_resource_policy::{Output, check_name};
use crate::secretsmanager::resource_policy::ResourcePolicy;
use crate::secretsmanager::shapes::{POLICY_NAME, SECRET_ID};
use crate::secretsmanager::target::Target;
use crate::tx::{Reply, Tx};
use store::Versioned;

pub(crate) struct DeleteResourcePolicy;

wire::input! {
    /// What `DeleteResourcePolicy` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        policy_name: Option<String> = audited "PolicyName" POLICY_NAME,
    }
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let permit = cx.authorize_with(
            Action("secretsmanager:DeleteResourcePolicy"),
            target.resource(),
            &target.keys(),
        )?;

        let found = target.usable(&permit)?;
        check_name(input.policy_name.as_deref())?;
        detach(&mut tx, &permit, &target, found);
        let output = Output::of(&found.record);
        let event = cx.event(&permit).responding(output.elements());
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(output))
    }
}

/// COMPAT: to take off what is not there succeeds and changes nothing.
fn detach(tx: &mut Tx<'_>, permit: &Permit, target: &Target, found: &Versioned<Secret>) {
    if let Some(policy) = target.resource_policy(permit) {
        let mut secret = Secret::clone(&found.record);
        secret.has_resource_policy = false;
        tx.delete::<ResourcePolicy>(permit, &ResourcePolicy::key_of(&secret), policy.rev);
        tx.update(permit, secret, found.rev);
    }
}
