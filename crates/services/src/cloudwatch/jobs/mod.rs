//! Background work of CloudWatch.

mod evaluate;
mod sweep;

pub(crate) use evaluate::evaluate;
pub(crate) use sweep::sweep;
