//! Background work of Lambda.

mod run_queued;
mod sweep;

pub(crate) use run_queued::run_queued;
pub(crate) use sweep::sweep;
