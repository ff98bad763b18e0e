//! `SimulatePrincipalPolicy`: what the policies of an identity would decide, alone or with
//! policies of the request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::shapes::{ARN, DOCUMENT, MARKER, MAX_ITEMS};
use crate::iam::simulation::{
    ACTIONS, CONTEXT_ENTRIES, Circumstances, ContextEntry, EXCLUSIONS, Evaluation, HANDLING,
    HolderTarget, POLICIES, Parameters, PolicyIdentifier, RESOURCE_NAME, RESOURCES,
    SimulatedCaller, simulate, write_evaluations,
};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct SimulatePrincipalPolicy;

wire::input! {
    /// What `SimulatePrincipalPolicy` takes.
    pub(crate) struct Input {
        arn: String = required audited "PolicySourceArn" ARN,
        policies: Option<Vec<String>> = audited "PolicyInputList" POLICIES,
        boundary: Option<Vec<String>> = audited "PermissionsBoundaryPolicyInputList" POLICIES,
        excluded: Option<Vec<PolicyIdentifier>> = audited "PolicyExclusionList" EXCLUSIONS,
        actions: Vec<String> = required audited "ActionNames" ACTIONS,
        resources: Option<Vec<String>> = audited "ResourceArns" RESOURCES,
        resource_policy: Option<String> = audited "ResourcePolicy" DOCUMENT,
        owner: Option<String> = audited "ResourceOwner" RESOURCE_NAME,
        caller: Option<String> = audited "CallerArn" RESOURCE_NAME,
        entries: Option<Vec<ContextEntry>> = audited "ContextEntries" CONTEXT_ENTRIES,
        _handling: Option<String> = audited "ResourceHandlingOption" HANDLING,
        max_items: Option<i64> = audited "MaxItems" MAX_ITEMS,
        marker: Option<String> = "Marker" MARKER,
    }
}

pub(crate) struct Output(Page<Evaluation>);

impl Operation for SimulatePrincipalPolicy {
    const NAME: &'static str = "SimulatePrincipalPolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let target = HolderTarget::find(cx, &mut tx, &input.arn).await?;
        let action = Action("iam:SimulatePrincipalPolicy");
        let permit = cx.authorize(action, target.resource())?;

        let parameters = Parameters {
            policies: input.policies.as_deref().unwrap_or_default(),
            boundary: input.boundary.as_deref().unwrap_or_default(),
            levels: &[],
            actions: &input.actions,
            resources: input.resources.as_deref().unwrap_or_default(),
            resource_policy: input.resource_policy.as_deref(),
            owner: input.owner.as_deref(),
            entries: input.entries.as_deref().unwrap_or_default(),
        };
        let question = parameters.question();
        let ask = Ask {
            listing: Listing {
                operation: Self::NAME,
                question: &[question.as_bytes()],
            },
            marker: input.marker.as_deref(),
            max_items: input.max_items,
        };
        let holder = target.existing(&permit)?;
        let (account, caller) = match &input.caller {
            Some(arn) => SimulatedCaller::named(arn)?,
            None => (cx.account().clone(), holder.caller()),
        };
        let excluded = input.excluded.as_deref().unwrap_or_default();
        let sources = holder.sources(&mut tx, cx.account(), excluded).await?;
        let circumstances = Circumstances::new(account, caller, cx.now(), parameters.entries);
        let page = simulate(cx, &ask, &parameters, sources, circumstances)?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        write_evaluations(result, &self.0);
    }
}
