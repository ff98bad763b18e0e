//! The pattern languages by which events are chosen.
//!
//! Rules kept here:
//!
//! - Pure: no I/O, no clock, no knowledge of services; it uses no other crate of ours.
//! - A pattern is compiled once, and refused with a reason if it is none.
//! - SECURITY: both pattern and event come from users. A pattern is bounded in size and depth. What it costs to
//!   match is bounded by the size of the pattern times that of the event, and no input panics.

pub mod event;
pub mod filter;
mod steps;
