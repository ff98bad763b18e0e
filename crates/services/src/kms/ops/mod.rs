//! The operations of KMS, one file each, and their table.

mod create_key;
mod describe_key;
mod encrypt;

use crate::operation::{Entry, reads, writes};

/// The operations, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    writes::<create_key::CreateKey>(),
    reads::<describe_key::DescribeKey>(),
    reads::<encrypt::Encrypt>(),
];
