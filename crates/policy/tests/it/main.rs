//! The engine as its users see it.

mod corpus;
mod differential;
mod generate;
mod naive;
mod naive_condition;
