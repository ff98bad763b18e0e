//! `ValidateResourcePolicy`: what is wrong with a policy before it is attached.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ValidateResourcePolicy.html>
//!
//! COMPAT: a text that is no JSON is refused; whatever else is wrong is told in the answer (behaviour
//! reference §8.3). Whether a policy locks the caller out is told only when the request names the
//! secret.

use crate::authorize::{Action, Resource};
use crate::context::Keys;
use crate::cx::Cx;
use crate::document::ResourceDocument;
use crate::operation::Operation;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::ops::put_resource_policy::PUT_RESOURCE_POLICY;
use crate::secretsmanager::policy_checks::{
    Check, Finding, broad_access, examine, is_json, refusal,
};
use crate::secretsmanager::resource_policy::TITLE;
use crate::secretsmanager::shapes::{RESOURCE_POLICY, SECRET_ID};
use crate::secretsmanager::target::Target;
use crate::tx::Reply;
use policy::Named;
use wire::json;

pub(crate) struct ValidateResourcePolicy;

wire::input! {
    /// What `ValidateResourcePolicy` takes.
    pub(crate) struct Input {
        secret_id: Option<String> = audited "SecretId" SECRET_ID,
        resource_policy: String = required audited "ResourcePolicy" RESOURCE_POLICY,
    }
}

pub(crate) struct Output {
    findings: Vec<Finding>,
}

impl Operation for ValidateResourcePolicy {
    const NAME: &'static str = "ValidateResourcePolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = match &input.secret_id {
            Some(id) => Some(Target::find(cx, &mut tx, id).await?),
            None => None,
        };
        let keys = target.as_ref().map_or_else(Keys::none, Target::keys);
        let resource = || match &target {
            Some(target) => target.resource(),
            None => Resource::none(cx.account()),
        };
        let permit = cx.authorize_with(VALIDATE_RESOURCE_POLICY, resource(), &keys)?;
        cx.authorize_with(PUT_RESOURCE_POLICY, resource(), &keys)?;

        if let Some(target) = &target {
            target.usable(&permit)?;
        }
        if !is_json(&input.resource_policy) {
            return Err(refusal(&[Finding::of(Check::Syntax)]));
        }
        let findings = match examine(&mut tx, &input.resource_policy).await? {
            Ok(document) => findings_in(cx, target.as_ref(), &document)?,
            Err(findings) => findings,
        };
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { findings }))
    }
}

/// What is wrong with a policy that could be attached.
fn findings_in(
    cx: &Cx<'_>,
    target: Option<&Target>,
    document: &ResourceDocument,
) -> Result<Vec<Finding>, Error> {
    let policy = document.policy()?;
    let mut findings: Vec<Finding> = broad_access(policy).into_iter().collect();
    if let Some(target) = target {
        let candidate = Named {
            name: TITLE,
            policy,
        };
        let resource = Resource {
            policy: Some(candidate),
            ..target.resource()
        };
        if !cx.would_allow(PUT_RESOURCE_POLICY, &resource, &target.keys())? {
            findings.push(Finding::of(Check::LockOut));
        }
    }
    Ok(findings)
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.boolean("PolicyValidationPassed", self.findings.is_empty());
        object.objects("ValidationErrors", &self.findings, |finding, entry| {
            entry.text("CheckName", finding.check.name());
            entry.text("ErrorMessage", &finding.message());
        });
    }
}

const VALIDATE_RESOURCE_POLICY: Action = Action("secretsmanager:ValidateResourcePolicy");
