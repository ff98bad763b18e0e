//! The operations of KMS, one file each, and their table.

mod cancel_key_deletion;
mod create_alias;
mod create_grant;
mod create_key;
mod decrypt;
mod delete_alias;
mod describe_key;
mod disable_key;
mod disable_key_rotation;
mod enable_key;
mod enable_key_rotation;
mod encrypt;
mod generate_data_key;
mod generate_data_key_without_plaintext;
mod generate_random;
mod get_key_policy;
mod get_key_rotation_status;
mod list_aliases;
mod list_grants;
mod list_key_policies;
mod list_key_rotations;
mod list_keys;
mod list_resource_tags;
mod list_retirable_grants;
mod put_key_policy;
mod re_encrypt;
mod retire_grant;
mod revoke_grant;
mod rotate_key_on_demand;
mod schedule_key_deletion;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_key_description;

use crate::operation::{Entry, reads, writes};

/// The operations, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    writes::<cancel_key_deletion::CancelKeyDeletion>(),
    writes::<create_alias::CreateAlias>(),
    writes::<create_grant::CreateGrant>(),
    writes::<create_key::CreateKey>(),
    reads::<decrypt::Decrypt>(),
    writes::<delete_alias::DeleteAlias>(),
    reads::<describe_key::DescribeKey>(),
    writes::<disable_key::DisableKey>(),
    writes::<disable_key_rotation::DisableKeyRotation>(),
    writes::<enable_key::EnableKey>(),
    writes::<enable_key_rotation::EnableKeyRotation>(),
    reads::<encrypt::Encrypt>(),
    reads::<generate_data_key::GenerateDataKey>(),
    reads::<generate_data_key_without_plaintext::GenerateDataKeyWithoutPlaintext>(),
    reads::<generate_random::GenerateRandom>(),
    reads::<get_key_policy::GetKeyPolicy>(),
    reads::<get_key_rotation_status::GetKeyRotationStatus>(),
    reads::<list_aliases::ListAliases>(),
    reads::<list_grants::ListGrants>(),
    reads::<list_key_policies::ListKeyPolicies>(),
    reads::<list_key_rotations::ListKeyRotations>(),
    reads::<list_keys::ListKeys>(),
    reads::<list_resource_tags::ListResourceTags>(),
    reads::<list_retirable_grants::ListRetirableGrants>(),
    writes::<put_key_policy::PutKeyPolicy>(),
    reads::<re_encrypt::ReEncrypt>(),
    writes::<retire_grant::RetireGrant>(),
    writes::<revoke_grant::RevokeGrant>(),
    writes::<rotate_key_on_demand::RotateKeyOnDemand>(),
    writes::<schedule_key_deletion::ScheduleKeyDeletion>(),
    writes::<tag_resource::TagResource>(),
    writes::<untag_resource::UntagResource>(),
    writes::<update_alias::UpdateAlias>(),
    writes::<update_key_description::UpdateKeyDescription>(),
];
