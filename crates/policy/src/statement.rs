//! A statement, compiled.

use std::collections::BTreeSet;

use crate::action_filter::ActionHash;
use crate::condition::Condition;
use crate::document::{Effect, Place};
use crate::pattern::{Action, ActionPattern, ArnPattern, ArnText};
use crate::principal::{Principals, Reach};
use crate::request::Request;
use crate::resolve::Open;

/// What a policy consists of.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    pub(crate) start: Place,
    pub(crate) end: Place,
    /// `None` where the form of the document has none.
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Selection<ActionPattern>,
    /// `None` where the form of the document has none.
    pub(crate) resources: Option<Selection<ArnPattern>>,
    pub(crate) condition: Condition,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub(crate) struct Selection<T> {
    pub(crate) patterns: Vec<T>,
    /// The `Not…` element: all but these.
    pub(crate) except: bool,
}

impl<T> Selection<T> {
    fn includes(&self, matches: impl Fn(&T) -> bool) -> bool {
        self.patterns.iter().any(matches) != self.except
    }
}

impl Selection<ArnPattern> {
    /// Without the open keys. What the patterns match, the `Not…` element leaves out.
    fn resolved(&self, open: Open<'_>) -> Self {
        let open = open.reversed_if(self.except);
        let patterns = self.patterns.iter();
        Self {
            patterns: patterns.filter_map(|arn| arn.resolved(open)).collect(),
            except: self.except,
        }
    }
}

/// A request, prepared for many statements.
pub(crate) struct Query<'a> {
    pub(crate) request: &'a Request<'a>,
    action: Action,
    resource: ArnText<'a>,
    pub(crate) hash: ActionHash,
}

impl<'a> Query<'a> {
    pub(crate) fn new(request: &'a Request<'a>) -> Self {
        let action = Action::new(request.action);
        Self {
            request,
            hash: ActionHash::of(&action),
            action,
            resource: ArnText::new(request.resource),
        }
    }
}

impl Statement {
    /// How it means the caller, when it applies to the request; what is cheap and decides most
    /// comes first. A statement without principals is about whoever it is attached to.
    pub(crate) fn applies(&self, query: &Query<'_>) -> Option<Reach> {
        let request = query.request;
        if !self
            .actions
            .includes(|action| action.matches(&query.action))
        {
            return None;
        }
        if let Some(resources) = &self.resources
            && !resources.includes(|arn| arn.matches(&query.resource, request.context))
        {
            return None;
        }
        let reach = match &self.principals {
            None => Reach::Itself,
            Some(principals) => principals.reach(&request.caller)?,
        };
        self.condition.holds(request.context).then_some(reach)
    }

    /// Without the open keys, in the same place.
    pub(crate) fn resolved(&self, open: Open<'_>) -> Self {
        let Some(condition) = self.condition.resolved(open) else {
            return self.unapplied();
        };
        let resources = self.resources.as_ref();
        Self {
            resources: resources.map(|resources| resources.resolved(open)),
            condition,
            ..self.clone()
        }
    }

    /// The same about no action, so that it applies to nothing.
    fn unapplied(&self) -> Self {
        Self {
            actions: Selection {
                patterns: Vec::new(),
                except: false,
            },
            resources: None,
            condition: Condition::default(),
            ..self.clone()
        }
    }

    pub(crate) fn keys(&self, into: &mut BTreeSet<String>) {
        for arn in self
            .resources
            .iter()
            .flat_map(|resources| &resources.patterns)
        {
            arn.keys(into);
        }
        self.condition.keys(into);
    }

    /// Bytes on the heap.
    pub(crate) fn weight(&self) -> usize {
        let actions = &self.actions.patterns;
        let resources = self.resources.as_ref().map_or(0, |resources| {
            let patterns = &resources.patterns;
            size_of_val(&**patterns) + patterns.iter().map(ArnPattern::weight).sum::<usize>()
        });
        self.sid.as_deref().map_or(0, str::len)
            + size_of_val(&**actions)
            + actions.iter().map(ActionPattern::weight).sum::<usize>()
            + resources
            + self.principals.as_ref().map_or(0, Principals::weight)
            + self.condition.weight()
    }
}
