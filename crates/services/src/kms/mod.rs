//! KMS inside: the AWS managed key of an account and Region, behind the [`DataKeys`] port.
//!
//! The KMS API, customer keys and key policies take their place here in a later release, without
//! a change to the services that call the port.
//!
//! [`DataKeys`]: crate::ports::DataKeys

mod blob;
mod data_keys;
mod managed_key;
pub(crate) mod records;
mod reseal;

pub(crate) use data_keys::Kms;
pub(crate) use reseal::anew;
