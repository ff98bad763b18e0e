//! Policy documents: from text to a compiled [`Policy`].

pub(crate) mod json;
mod language;
mod parse;
mod problem;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use language::Language;
pub(crate) use parse::{each, each_text};
pub(crate) use problem::{Findings, Path, quoted};
pub use problem::{Problem, Problems};

use crate::action_filter::{ActionFilter, ActionHash};
use crate::broad;
use crate::statement::Statement;

/// Which elements a document may and must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Attached to identities, and boundaries, session policies and guardrails: names resources
    /// and no principals.
    Identity,
    /// Attached to a resource: names principals and resources.
    Resource,
    /// A role's trust policy: names principals and no resources.
    Trust,
    /// A private endpoint's policy: names resources and may name principals.
    Endpoint,
}

/// What a statement does when it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Forbids, whatever else grants.
    Deny,
}

/// The kinds of names a `Principal` element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalType {
    /// Accounts, users, roles, sessions; and `*`, everyone.
    Aws,
    /// Services.
    Service,
    /// Identity providers.
    Federated,
    /// Canonical user ids of S3, which nobody here has.
    CanonicalUser,
}

/// A place in a document's text. Both counts begin at 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

/// A statement as explanations and simulations show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementView<'a> {
    /// Its position in the policy, from 0.
    pub index: usize,
    /// Its `Sid`, when it has one.
    pub sid: Option<&'a str>,
    /// What it does when it matches.
    pub effect: Effect,
    /// Its opening brace.
    pub start: Place,
    /// The place just after its closing brace.
    pub end: Place,
}

/// A policy document, compiled. Cheap to share behind an `Arc`.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) statements: Vec<Statement>,
    /// One for each statement.
    filters: Box<[ActionFilter]>,
}

impl Policy {
    /// Reads `text` as a document of the given form.
    ///
    /// A text of which a part would be ignored or could be read in two ways is refused, with all
    /// its problems at once. The limits on length differ by operation and are the caller's.
    pub fn parse(text: &str, form: Form) -> Result<Self, Problems> {
        let document = json::read(text).map_err(|problem| Problems(vec![problem]))?;
        let mut findings = Findings::default();
        let statements = parse::document(&document, form, &mut findings);
        findings.into_result()?;
        Ok(Self::of(statements))
    }

    pub(crate) fn of(statements: Vec<Statement>) -> Self {
        let filters = statements.iter().map(ActionFilter::of).collect();
        Self {
            statements,
            filters,
        }
    }

    /// The statements that may be about an action, with their places.
    pub(crate) fn about(&self, hash: ActionHash) -> impl Iterator<Item = (usize, &Statement)> {
        let all = self.statements.iter().zip(&self.filters).enumerate();
        all.filter(move |(_, (_, filter))| filter.admits(hash))
            .map(|(index, (statement, _))| (index, statement))
    }

    /// Binds principal ARNs to the unique ids they had when the policy was written.
    ///
    /// From then on such an entry means the one user or role with that id, and not another that
    /// later took its name. A session's ARN is bound to the id of its role.
    #[must_use]
    pub fn with_principal_ids(mut self, ids: &BTreeMap<String, String>) -> Self {
        for principals in self
            .statements
            .iter_mut()
            .filter_map(|s| s.principals.as_mut())
        {
            principals.bind(ids);
        }
        self
    }

    /// The statements, in the order of the document.
    pub fn statements(&self) -> impl Iterator<Item = StatementView<'_>> {
        self.statements
            .iter()
            .enumerate()
            .map(|(index, statement)| StatementView {
                index,
                sid: statement.sid.as_deref(),
                effect: statement.effect,
                start: statement.start,
                end: statement.end,
            })
    }

    /// Every principal the document names, for checks that they exist. `*` is `(Aws, "*")`.
    pub fn named_principals(&self) -> impl Iterator<Item = (PrincipalType, &str)> {
        let principals = self.statements.iter().filter_map(|s| s.principals.as_ref());
        principals.flat_map(|principals| principals.named())
    }

    /// Whether some statement is about everyone but those whom it names.
    pub fn exempts_principals(&self) -> bool {
        let mut principals = self.statements.iter().filter_map(|s| s.principals.as_ref());
        principals.any(|principals| principals.exempts())
    }

    /// Whether some statement lets in everyone: by a wildcard principal that no condition narrows
    /// to fixed origins.
    pub fn grants_broad_access(&self) -> bool {
        self.statements.iter().any(broad::is_broad)
    }

    /// The condition keys the document asks for, in conditions and variables, as written.
    pub fn context_keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for statement in &self.statements {
            statement.keys(&mut keys);
        }
        keys
    }

    /// About how many bytes of memory this takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
            + size_of_val(&*self.statements)
            + size_of_val(&*self.filters)
            + self.statements.iter().map(Statement::weight).sum::<usize>()
    }
}
