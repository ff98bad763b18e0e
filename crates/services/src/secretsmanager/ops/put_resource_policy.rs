//! `PutResourcePolicy`: attaches a policy to a secret, in place of the one there was.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html>
//!
//! COMPAT: a policy that locks its own author out is attached all the same (behaviour reference
//! §8.1); `ValidateResourcePolicy` warns of it. Policies do not change `LastChangedDate`.

use crate::authorize::{Action, Permit};
use crate::cx::Cx;
use crate::document::ResourceDocument;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::policy_checks::{examine, refusal};
use crate::secretsmanager::resource_policy::{DEFAULT_NAME, ResourcePolicy};
use crate::secretsmanager::shapes::{BOOLEAN, POLICY_NAME, RESOURCE_POLICY, SECRET_ID};
use crate::secretsmanager::target::Target;
use crate::tx::{Reply, Tx};
use serde_json::json;
use store::Versioned;
use wire::json;

pub(crate) struct PutResourcePolicy;

wire::input! {
    /// What `PutResourcePolicy` takes.
    pub(crate) struct Input {
        secret_id: String = required audited "SecretId" SECRET_ID,
        resource_policy: String = required audited "ResourcePolicy" RESOURCE_POLICY,
        policy_name: Option<String> = audited "PolicyName" POLICY_NAME,
        block_public_policy: Option<bool> = audited "BlockPublicPolicy" BOOLEAN,
    }
}

/// What `PutResourcePolicy` and `DeleteResourcePolicy` answer.
pub(crate) struct Output {
    arn: String,
    name: String,
}

/// The action that attaches a policy.
pub(super) const PUT_RESOURCE_POLICY: Action = Action("secretsmanager:PutResourcePolicy");

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.secret_id).await?;
        let keys = target.keys().flag(
            "secretsmanager:blockpublicpolicy",
            input.block_public_policy,
        );
        let permit = cx.authorize_with(PUT_RESOURCE_POLICY, target.resource(), &keys)?;

        let found = target.usable(&permit)?;
        check_name(input.policy_name.as_deref())?;
        let document = examine(&mut tx, &input.resource_policy).await?;
        let document = document.map_err(|findings| refusal(&findings))?;
        let is_broad = document.policy()?.grants_broad_access();
        if is_broad && input.block_public_policy == Some(true) {
            return Err(Error::PublicPolicy);
        }
        attach(&mut tx, &permit, &target, found, document);
        let output = Output::of(&found.record);
        let event = cx.event(&permit).responding(output.elements());
        let recorded = tx.commit(event).await?;

        Ok(recorded.reply(output))
    }
}

fn attach(
    tx: &mut Tx<'_>,
    permit: &Permit,
    target: &Target,
    found: &Versioned<Secret>,
    document: ResourceDocument,
) {
    let policy = ResourcePolicy::of(&found.record, document);
    if let Some(old) = target.resource_policy(permit) {
        tx.update(permit, policy, old.rev);
    } else {
        let mut secret = Secret::clone(&found.record);
        secret.has_resource_policy = true;
        tx.update(permit, secret, found.rev);
        tx.insert(permit, policy);
    }
}

/// Refuses to write under any name but the one.
pub(super) fn check_name(name: Option<&str>) -> Result<(), Error> {
    match name {
        None | Some(DEFAULT_NAME) => Ok(()),
        Some(_) => Err(Error::PolicyNameNotDefault),
    }
}

impl Output {
    pub(super) fn of(secret: &Secret) -> Self {
        Self {
            arn: secret.arn(),
            name: secret.name.clone(),
        }
    }

    /// As the audit record shows it.
    pub(super) fn elements(&self) -> serde_json::Value {
        json!({ "arn": self.arn, "name": self.name })
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.text("ARN", &self.arn);
        object.text("Name", &self.name);
        object.text("PolicyName", DEFAULT_NAME);
    }
}
