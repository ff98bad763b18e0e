//! Simulations: what policies would decide, asked without doing anything.
//!
//! - The policies come from an identity of the account, from the request, or from both; the engine
//!   is the one that decides real requests.
//! - A condition key has a value when the request gives one, or when it follows from the caller.
//!   What policies ask for beyond that is told as missing.
//! - COMPAT: without a resource's policy only the identity's side is simulated, whichever account
//!   owns the resource.
//! - SECURITY: one call evaluates a bounded number of statements; the rest is on later pages.

mod circumstances;
mod evaluation;
mod holder;
mod input;
mod sources;
mod view;

pub(crate) use circumstances::{Circumstances, SimulatedCaller};
pub(crate) use evaluation::{Evaluation, Question, context_keys};
pub(crate) use holder::HolderTarget;
pub(crate) use input::{
    ACTIONS, CONTEXT_ENTRIES, ContextEntry, EXCLUSIONS, HANDLING, LEVELS, Level, POLICIES,
    PolicyIdentifier, RESOURCE_NAME, RESOURCES,
};
pub(crate) use sources::{Part, Source, Sources};
pub(crate) use view::write_evaluations;

use super::error::Error;
use super::listing::{Ask, Page};
use crate::cx::Cx;
use policy::Form;

/// The parameters that both simulations take.
pub(crate) struct Parameters<'a> {
    pub(crate) policies: &'a [String],
    pub(crate) boundary: &'a [String],
    pub(crate) levels: &'a [Level],
    pub(crate) actions: &'a [String],
    pub(crate) resources: &'a [String],
    pub(crate) resource_policy: Option<&'a str>,
    pub(crate) owner: Option<&'a str>,
    pub(crate) entries: &'a [ContextEntry],
}

/// One page of the answers to every action on every resource.
///
/// # Errors
/// The variant of [`Error`] for what is no policy, action, account or marker of this list.
pub(crate) fn simulate(
    cx: &Cx<'_>,
    ask: &Ask<'_>,
    parameters: &Parameters<'_>,
    sources: Sources,
    circumstances: Circumstances<'_>,
) -> Result<Page<Evaluation>, Error> {
    let sources = with_given(sources, parameters)?;
    if let Some(bad) = parameters.actions.iter().find(|name| !name.contains(':')) {
        return Err(Error::InvalidActionName(bad.clone()));
    }
    let owner = parameters.owner.map(account_of).transpose()?;
    let question = Question::new(&sources, circumstances, owner)?;
    question.page(cx, ask, parameters.actions, parameters.resources)
}

/// Adds the policies of the request.
fn with_given(mut sources: Sources, parameters: &Parameters<'_>) -> Result<Sources, Error> {
    add_given(&mut sources, parameters.policies)?;
    match parameters.boundary {
        [] => {}
        [text] => {
            let name = String::from("PermissionsBoundaryPolicyInputList.1");
            let source = Source::given(name, "none", text, Form::Identity)?;
            sources.replace_boundary(source);
        }
        _ => {
            return Err(Error::TooManyBoundaries);
        }
    }
    for (level, given) in parameters.levels.iter().enumerate() {
        for (index, text) in given.policies().iter().enumerate() {
            let name = format!(
                "OrderedOrganizationPolicyInputList.{}.ServiceControlPolicyInputList.{}",
                level + 1,
                index + 1
            );
            let source = Source::given(name, "none", text, Form::Identity)?;
            sources.add(Part::Level(level), source);
        }
    }
    if let Some(text) = parameters.resource_policy {
        let name = String::from("ResourcePolicy");
        let source = Source::given(name, "resource", text, Form::Resource)?;
        sources.add(Part::Resource, source);
    }
    Ok(sources)
}

/// Adds the documents of a `PolicyInputList`.
///
/// # Errors
/// [`Error::MalformedSimulatedPolicy`] for what is no policy.
pub(crate) fn add_given(sources: &mut Sources, texts: &[String]) -> Result<(), Error> {
    for (index, text) in texts.iter().enumerate() {
        let name = format!("PolicyInputList.{}", index + 1);
        let source = Source::given(name, "none", text, Form::Identity)?;
        sources.add(Part::Identity, source);
    }
    Ok(())
}

impl Parameters<'_> {
    /// What decides which answers there are, and in what order.
    pub(crate) fn question(&self) -> String {
        [self.actions.join("\n"), self.resources.join("\n")].join("\n\n")
    }
}

/// The account in a `ResourceOwner`: its number, or an ARN of it.
fn account_of(owner: &str) -> Result<base::AccountId, Error> {
    let number = match base::Arn::parse(owner) {
        Ok(arn) => arn.account,
        Err(_) => owner.to_owned(),
    };
    base::AccountId::parse(&number).map_err(|_| Error::InvalidResourceOwner(owner.to_owned()))
}
