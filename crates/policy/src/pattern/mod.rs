//! Patterns: texts with wildcards and policy variables, actions, ARNs.
//!
//! Rules kept here: `*` and `?` are wildcards where they stand in the policy, never where they
//! come out of a variable; a variable without a value matches nothing, the empty text included;
//! matching takes no more steps than the lengths of pattern and text multiplied.

mod action;
mod arn;
mod glob;
mod template;

pub(crate) use action::{Action, ActionPattern};
pub(crate) use arn::{ArnPattern, ArnText};
pub(crate) use template::{Literal, Template, is_key};
