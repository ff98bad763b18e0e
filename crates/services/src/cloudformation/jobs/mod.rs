//! Background work, each a function of stored state that may run twice.

mod forget_deleted;

pub(crate) use forget_deleted::forget_deleted;
