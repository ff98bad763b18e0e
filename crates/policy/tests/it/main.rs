//! The engine as its users see it.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod between_ends;
mod corpus;
mod differential;
mod documents;
mod generate;
mod grants;
mod naive;
mod naive_condition;
mod pools;
mod refusals;
mod refused_elements;
mod resolved;
mod robust;
