//! Policy documents: from text to a compiled [`Policy`].

mod problem;

use std::collections::{BTreeMap, BTreeSet};

pub use problem::{Problem, Problems};

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
    statements: Vec<StatementView<'static>>,
}

impl Policy {
    /// Reads `text` as a document of the given form.
    pub fn parse(text: &str, form: Form) -> Result<Self, Problems> {
        if text.is_empty() {
            return Err(Problems(vec![Problem {
                line: 1,
                column: 1,
                path: String::new(),
                message: format!("the {form:?} document is empty"),
            }]));
        }
        Ok(Self {
            statements: Vec::new(),
        })
    }

    /// Binds principal ARNs to the unique ids they had when the policy was written.
    ///
    /// From then on such an entry means the one user or role with that id, and not another that
    /// later took its name.
    #[must_use]
    pub fn with_principal_ids(self, ids: &BTreeMap<String, String>) -> Self {
        let _ = ids;
        self
    }

    /// The statements, in the order of the document.
    pub fn statements(&self) -> impl Iterator<Item = StatementView<'_>> {
        self.statements.iter().copied()
    }

    /// Every principal the document names, for checks that they exist. `*` is `(Aws, "*")`.
    pub fn named_principals(&self) -> impl Iterator<Item = (PrincipalType, &str)> {
        std::iter::empty()
    }

    /// Whether some statement lets in everyone, by a wildcard that no condition narrows.
    pub fn grants_broad_access(&self) -> bool {
        true
    }

    /// The condition keys the document asks for, in conditions and variables, as written.
    pub fn context_keys(&self) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// About how many bytes of memory this takes.
    pub fn weight(&self) -> usize {
        self.statements.len()
    }
}
