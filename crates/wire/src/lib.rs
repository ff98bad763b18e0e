//! awsJson, awsQuery, restJson1 and rpc-v2-cbor: bytes to typed input, and typed output to bytes.
//!
//! Rules kept here:
//!
//! - Pure: no I/O, no clock, no entropy, no knowledge of any one operation.
//! - What an operation takes is declared once, by [`input!`], as a typed struct and a [`Structure`]
//!   of constraints together. A field whose type does not fit its [`Shape`] does not compile.
//! - A request passes three gates, in AWS's order: [`parse()`] (JSON and its types),
//!   [`Parsed::validate`] (the constraints), [`Parsed::into_input`] (the struct). After the first
//!   gate [`Parsed::request_parameters`] gives the audit record its part, so that a refused request
//!   is recorded too. [`query::QueryRequest::parse_input`] is the first gate of awsQuery,
//!   [`rest::Http::read`] that of restJson1, [`cbor::parse`] that of rpc-v2-cbor.
//! - An operation that answers in several protocols answers with [`tree::Fields`], which each of them
//!   can write.
//! - SECURITY: a sensitive value goes from the body into a [`base::Plaintext`] and nowhere else: not
//!   into a [`Rejection`], not into the request parameters, not into a buffer that is freed without
//!   being overwritten.
//! - SECURITY: no input panics, and what an input costs is proportional to its size.

mod audit;
mod buffer;
pub mod cbor;
mod field;
#[cfg(test)]
mod fixture;
pub mod json;
mod parse;
mod path;
pub mod patterns;
pub mod probe;
pub mod query;
mod rejection;
pub mod rest;
mod shape;
pub mod tree;
mod unescape;
mod validate;
mod value;
pub mod xml;

pub use buffer::Body;
pub use field::{Field, Input, Kind, Mismatch};
pub use parse::{Parsed, parse};
pub use rejection::Rejection;
pub use shape::{List, Map, Member, Number, Pattern, Shape, Structure, Text, UNBOUNDED, Unit};
pub use validate::Quotas;
pub use value::{Members, Value, Values};
