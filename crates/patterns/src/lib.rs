//! Pattern languages: what picks events.
//!
//! Rules kept here:
//!
//! - Pure: no I/O, no clock, no knowledge of any service.
//! - A pattern is compiled once, and refused with a reason if it is none.
//! - SECURITY: both pattern and event come from users. A pattern is bounded in size and depth, and to
//!   match costs no more than the size of the event times that of the pattern.

pub mod event;
