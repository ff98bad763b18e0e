//! Background work of Lambda.

mod run_queued;

pub(crate) use run_queued::run_queued;
