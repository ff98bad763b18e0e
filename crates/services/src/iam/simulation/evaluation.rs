//! One action on one resource, decided.

use super::circumstances::Circumstances;
use super::sources::{Part, Sources};
use crate::cx::Cx;
use crate::iam::error::Error;
use crate::iam::listing::{Ask, Page};
use base::{AccountId, Arn, CommonError};
use policy::{Cause, Context as _, Decision, Effect, Kind, Named, Place, Policies, Request};
use std::collections::BTreeMap;

/// Policies and circumstances, ready to be asked.
pub(crate) struct Question<'q> {
    sources: &'q Sources,
    circumstances: Circumstances<'q>,
    owner: Option<AccountId>,
    identity: Vec<Named<'q>>,
    /// At most one.
    boundary: Vec<Named<'q>>,
    resource: Option<Named<'q>>,
    levels: Vec<Vec<Named<'q>>>,
    missing: Vec<String>,
}

/// The answer for one action on one resource.
#[derive(Clone)]
pub(crate) struct Evaluation {
    pub(crate) action: String,
    pub(crate) resource: String,
    /// The `EvalDecision`.
    pub(crate) decision: &'static str,
    pub(crate) matched: Vec<Matched>,
    pub(crate) missing: Vec<String>,
    /// Whether the boundary allows it, if there is one.
    pub(crate) is_in_bounds: Option<bool>,
    /// Whether the organization allows it, if it has policies.
    pub(crate) is_in_organization: Option<bool>,
}

/// A statement that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) start: Place,
    pub(crate) end: Place,
}

impl<'q> Question<'q> {
    /// # Errors
    /// [`CommonError::Internal`] when a policy cannot be read.
    pub(crate) fn new(
        sources: &'q Sources,
        circumstances: Circumstances<'q>,
        owner: Option<AccountId>,
    ) -> Result<Self, CommonError> {
        let mut missing = context_keys(sources)?;
        missing.retain(|key| circumstances.values(&key.to_ascii_lowercase()).is_none());
        let levels = (0..sources.levels()).map(|level| sources.named(Part::Level(level)));
        Ok(Self {
            sources,
            owner,
            identity: sources.named(Part::Identity)?,
            boundary: sources.named(Part::Boundary)?,
            resource: sources.named(Part::Resource)?.first().copied(),
            levels: levels.collect::<Result<_, _>>()?,
            missing,
            circumstances,
        })
    }

    /// One page of the answers: every action on every resource, or on everything.
    ///
    /// # Errors
    /// [`Error::InvalidMarker`] for a marker of another list.
    pub(crate) fn page(
        &self,
        cx: &Cx<'_>,
        ask: &Ask<'_>,
        actions: &[String],
        resources: &[String],
    ) -> Result<Page<Evaluation>, Error> {
        let everything = [String::from("*")];
        let resources = match resources {
            [] => everything.as_slice(),
            named => named,
        };
        let pairs = actions
            .iter()
            .flat_map(|action| resources.iter().map(move |resource| (action, resource)));
        let size = ask.size().min(self.most_at_once());
        let page = ask.slice_at_most(cx, size, pairs)?;
        Ok(page.map(|(action, resource)| self.answer(action, resource)))
    }

    /// How many answers one call may give, by what each of them costs.
    fn most_at_once(&self) -> usize {
        let one = self
            .identity
            .iter()
            .chain(&self.boundary)
            .chain(&self.resource);
        let all = one.chain(self.levels.iter().flatten());
        let statements: usize = all.map(|named| named.policy.statements().count()).sum();
        (MOST_STATEMENTS / (statements + self.missing.len() + 1)).max(1)
    }

    /// The answer for one action on one resource.
    fn answer(&self, action: &str, resource: &str) -> Evaluation {
        let policies = Policies {
            identity: &self.identity,
            boundary: self.boundary.first().copied(),
            resource: self.resource,
            ..Policies::default()
        };
        let owner = self.owner_of(resource);
        let mut verdict = self.ask(action, resource, &owner, &policies);
        let alone = |policies| {
            let account = self.circumstances.account();
            self.ask(action, resource, account, &only(policies))
        };
        let is_in_bounds =
            (!self.boundary.is_empty()).then(|| alone(&self.boundary).decision.is_allowed());
        let mut is_in_organization = (!self.levels.is_empty()).then_some(true);
        for level in &self.levels {
            let of_level = alone(level);
            if !of_level.decision.is_allowed() {
                is_in_organization = Some(false);
            }
            verdict = verdict.bounded_by(of_level);
        }
        Evaluation {
            action: action.to_owned(),
            resource: resource.to_owned(),
            decision: verdict.decision.outcome(),
            matched: self.deciding(&verdict),
            missing: self.missing.clone(),
            is_in_bounds,
            is_in_organization,
        }
    }

    /// COMPAT: without a resource's policy the resource counts as the caller's own.
    fn owner_of(&self, resource: &str) -> AccountId {
        let own = self.circumstances.account();
        if self.resource.is_none() {
            return own.clone();
        }
        let named = Arn::parse(resource).ok();
        let named = named.and_then(|arn| AccountId::parse(&arn.account).ok());
        named
            .or_else(|| self.owner.clone())
            .unwrap_or_else(|| own.clone())
    }

    fn ask<'s>(
        &'s self,
        action: &str,
        resource: &str,
        owner: &AccountId,
        policies: &Policies<'s>,
    ) -> Verdict<'s> {
        self.circumstances.with_caller(|caller| {
            let request = Request {
                action,
                resource,
                resource_account: Some(owner.as_str()),
                caller,
                context: &self.circumstances,
            };
            Verdict {
                decision: policy::evaluate(&request, policies),
                matched: policy::matching(&request, policies),
            }
        })
    }

    /// The statements that answers show: after an explicit denial those that deny, else those that
    /// grant. What only bounds is told by details of its own.
    fn deciding(&self, verdict: &Verdict<'_>) -> Vec<Matched> {
        let is_denied = verdict.is_denied();
        let is_shown = |(cause, effect): &&(Cause<'_>, Effect)| match effect {
            Effect::Deny => is_denied,
            Effect::Allow => !is_denied && cause.kind != Kind::Boundary,
        };
        let shown = verdict.matched.iter().filter(is_shown);
        shown.filter_map(|(cause, _)| self.matched(cause)).collect()
    }

    fn matched(&self, cause: &Cause<'_>) -> Option<Matched> {
        let source = self.sources.by_key(cause.policy)?;
        let statement = source.policy().ok()?.statements().nth(cause.statement)?;
        Some(Matched {
            id: source.id.clone(),
            kind: source.kind,
            start: statement.start,
            end: statement.end,
        })
    }
}

/// What the engine says, and the statements that it looked at.
struct Verdict<'a> {
    decision: Decision<'a>,
    matched: Vec<(Cause<'a>, Effect)>,
}

impl Verdict<'_> {
    fn is_denied(&self) -> bool {
        matches!(self.decision, Decision::ExplicitlyDenied { .. })
    }

    /// The same, if the policies of a level of the organization allow it too.
    fn bounded_by(mut self, level: Self) -> Self {
        if level.is_denied() {
            self.matched.extend(level.matched);
            self.decision = level.decision;
        } else if self.decision.is_allowed() && !level.decision.is_allowed() {
            self.decision = level.decision;
        }
        self
    }
}

/// The condition keys that policies ask for, each once whatever its case, in order.
///
/// # Errors
/// [`CommonError::Internal`] when a policy cannot be read.
pub(crate) fn context_keys(sources: &Sources) -> Result<Vec<String>, CommonError> {
    let mut keys = BTreeMap::new();
    for source in sources.all() {
        for key in source.policy()?.context_keys() {
            keys.entry(key.to_ascii_lowercase()).or_insert(key);
        }
    }
    Ok(keys.into_values().collect())
}

fn only<'a>(identity: &'a [Named<'a>]) -> Policies<'a> {
    Policies {
        identity,
        ..Policies::default()
    }
}

/// SECURITY: bounds the work of one call. A statement takes about a microsecond.
const MOST_STATEMENTS: usize = 50_000;
