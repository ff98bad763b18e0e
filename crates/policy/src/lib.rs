//! The IAM policy language: documents are parsed and compiled once, requests decided many times.
//!
//! Rules kept here: pure (no I/O, no clock, no randomness: what a request brings comes in through
//! [`Context`]) and ignorant of services; nothing in a document is skipped, what is not understood
//! is refused with its place; no input makes it panic, recurse without bound or take more time
//! than lengths multiplied; every decision names the statement, or the lack, that made it.
//!
//! A document is read by [`Policy::parse`]. [`evaluate()`] decides, [`Decision::reason`] words a
//! refusal as AWS does, [`matching`] lists all statements that had a part in it. Where some keys of a
//! request are not known, [`Policy::resolved`] gives the two ends between which its answer lies.

mod action_filter;
mod broad;
mod condition;
mod decision;
mod document;
mod evaluate;
mod pattern;
mod principal;
mod request;
mod resolve;
mod statement;

pub use decision::{Cause, Decision, Kind};
pub use document::{Effect, Form, Place, Policy, PrincipalType, Problem, Problems, StatementView};
pub use evaluate::{Named, Policies, Rule, evaluate, matching};
pub use request::{Caller, Context, Identity, Request, Values};
pub use resolve::Towards;
