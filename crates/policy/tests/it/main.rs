//! The engine as its users see it.

mod differential;
mod generate;
mod naive;
mod naive_condition;
