//! Background work of CloudWatch Logs.

mod sweep;

pub(crate) use sweep::sweep;
