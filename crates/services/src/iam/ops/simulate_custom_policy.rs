//! `SimulateCustomPolicy`: what policies of the request would decide.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html>

use crate::authorize::{Action, Resource};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use crate::iam::shapes::{DOCUMENT, MARKER, MAX_ITEMS};
use crate::iam::simulation::{
    ACTIONS, CONTEXT_ENTRIES, Circumstances, ContextEntry, Evaluation, HANDLING, LEVELS, Level,
    POLICIES, Parameters, RESOURCE_NAME, RESOURCES, SimulatedCaller, Sources, simulate,
    write_evaluations,
};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use wire::xml;

pub(crate) struct SimulateCustomPolicy;

wire::input! {
    /// What `SimulateCustomPolicy` takes.
    pub(crate) struct Input {
        policies: Vec<String> = required audited "PolicyInputList" POLICIES,
        boundary: Option<Vec<String>> = audited "PermissionsBoundaryPolicyInputList" POLICIES,
        levels: Option<Vec<Level>> = audited "OrderedOrganizationPolicyInputList" LEVELS,
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

impl Operation for SimulateCustomPolicy {
    const NAME: &'static str = "SimulateCustomPolicy";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::named(cx.account(), String::from("*"));
        let permit = cx.authorize(Action("iam:SimulateCustomPolicy"), resource)?;

        let parameters = Parameters {
            policies: &input.policies,
            boundary: input.boundary.as_deref().unwrap_or_default(),
            levels: input.levels.as_deref().unwrap_or_default(),
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
        let (account, caller) = match &input.caller {
            Some(arn) => SimulatedCaller::named(arn)?,
            None => (cx.account().clone(), SimulatedCaller::Anyone),
        };
        let circumstances = Circumstances::new(account, caller, cx.now(), parameters.entries);
        let page = simulate(cx, &ask, &parameters, Sources::default(), circumstances)?;
        let recorded = cx.begin().finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(page)))
    }
}

impl xml::Output for Output {
    fn write(&self, result: &mut xml::Element<'_>) {
        write_evaluations(result, &self.0);
    }
}
