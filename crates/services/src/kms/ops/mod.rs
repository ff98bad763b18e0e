//! The operations of KMS, one file each, and their table.

mod create_alias;
mod create_grant;
mod create_key;
mod delete_alias;
mod describe_key;
mod disable_key_rotation;
mod enable_key_rotation;
mod encrypt;
mod get_key_rotation_status;
mod list_aliases;
mod list_grants;
mod list_key_rotations;
mod list_resource_tags;
mod list_retirable_grants;
mod retire_grant;
mod revoke_grant;
mod rotate_key_on_demand;
mod tag_resource;
mod untag_resource;
mod update_alias;

use crate::operation::{Entry, reads, writes};

/// The operations, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    writes::<create_alias::CreateAlias>(),
    writes::<create_grant::CreateGrant>(),
    writes::<create_key::CreateKey>(),
    writes::<delete_alias::DeleteAlias>(),
    reads::<describe_key::DescribeKey>(),
    writes::<disable_key_rotation::DisableKeyRotation>(),
    writes::<enable_key_rotation::EnableKeyRotation>(),
    reads::<encrypt::Encrypt>(),
    reads::<get_key_rotation_status::GetKeyRotationStatus>(),
    reads::<list_aliases::ListAliases>(),
    reads::<list_grants::ListGrants>(),
    reads::<list_key_rotations::ListKeyRotations>(),
    reads::<list_resource_tags::ListResourceTags>(),
    reads::<list_retirable_grants::ListRetirableGrants>(),
    writes::<retire_grant::RetireGrant>(),
    writes::<revoke_grant::RevokeGrant>(),
    writes::<rotate_key_on_demand::RotateKeyOnDemand>(),
    writes::<tag_resource::TagResource>(),
    writes::<untag_resource::UntagResource>(),
    writes::<update_alias::UpdateAlias>(),
];
