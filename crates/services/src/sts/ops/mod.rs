//! The operations of STS.

pub(super) mod get_caller_identity;
