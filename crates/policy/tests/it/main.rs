//! The engine as its users see it.

mod corpus;
mod differential;
mod documents;
mod generate;
mod naive;
mod naive_condition;
mod refusals;
mod robust;
