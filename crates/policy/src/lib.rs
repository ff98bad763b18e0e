//! The IAM policy language.

mod decision;
mod document;
mod evaluate;
mod request;

pub use decision::{Cause, Decision, Kind};
pub use document::{Effect, Form, Place, Policy, PrincipalType, Problem, Problems, StatementView};
pub use evaluate::{Named, Policies, Rule, evaluate, matching};
pub use request::{Caller, Context, Identity, Request, Values};
