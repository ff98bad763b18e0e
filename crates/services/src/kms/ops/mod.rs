//! The operations of KMS, one file each, and their table.

mod cancel_key_deletion;
mod create_key;
mod decrypt;
mod describe_key;
mod disable_key;
mod enable_key;
mod encrypt;
mod generate_data_key;
mod generate_data_key_without_plaintext;
mod generate_random;
mod get_key_policy;
mod list_key_policies;
mod list_keys;
mod put_key_policy;
mod re_encrypt;
mod schedule_key_deletion;
mod update_key_description;

use crate::operation::{Entry, reads, writes};

/// The operations, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    writes::<cancel_key_deletion::CancelKeyDeletion>(),
    writes::<create_key::CreateKey>(),
    reads::<decrypt::Decrypt>(),
    reads::<describe_key::DescribeKey>(),
    writes::<disable_key::DisableKey>(),
    writes::<enable_key::EnableKey>(),
    reads::<encrypt::Encrypt>(),
    reads::<generate_data_key::GenerateDataKey>(),
    reads::<generate_data_key_without_plaintext::GenerateDataKeyWithoutPlaintext>(),
    reads::<generate_random::GenerateRandom>(),
    reads::<get_key_policy::GetKeyPolicy>(),
    reads::<list_key_policies::ListKeyPolicies>(),
    reads::<list_keys::ListKeys>(),
    writes::<put_key_policy::PutKeyPolicy>(),
    reads::<re_encrypt::ReEncrypt>(),
    writes::<schedule_key_deletion::ScheduleKeyDeletion>(),
    writes::<update_key_description::UpdateKeyDescription>(),
];
