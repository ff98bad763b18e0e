//! The operations of Secrets Manager, one file each, and their table.

mod batch_get_secret_value;
mod cancel_rotate_secret;
mod create_secret;
mod delete_resource_policy;
mod delete_secret;
mod describe_secret;
mod get_random_password;
mod get_resource_policy;
mod get_secret_value;
mod list_resource_policies;
mod list_secret_version_ids;
mod list_secrets;
mod put_resource_policy;
mod put_secret_value;
mod restore_secret;
mod rotate_secret;
mod tag_resource;
mod unsupported;
mod untag_resource;
mod update_secret;
mod update_secret_version_stage;
mod validate_resource_policy;

pub(super) use describe_secret::described;

use crate::operation::{Entry, reads, writes};
use unsupported::unsupported;

/// Every operation of the API, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    unsupported!(writes "AssociateCrossAccountReplica"),
    reads::<batch_get_secret_value::BatchGetSecretValue>(),
    writes::<cancel_rotate_secret::CancelRotateSecret>(),
    writes::<create_secret::CreateSecret>(),
    writes::<delete_resource_policy::DeleteResourcePolicy>(),
    writes::<delete_secret::DeleteSecret>(),
    reads::<describe_secret::DescribeSecret>(),
    unsupported!(writes "DisassociateCrossAccountReplica"),
    reads::<get_random_password::GetRandomPassword>(),
    reads::<get_resource_policy::GetResourcePolicy>(),
    reads::<get_secret_value::GetSecretValue>(),
    reads::<list_resource_policies::ListResourcePolicies>(),
    reads::<list_secret_version_ids::ListSecretVersionIds>(),
    reads::<list_secrets::ListSecrets>(),
    writes::<put_resource_policy::PutResourcePolicy>(),
    writes::<put_secret_value::PutSecretValue>(),
    unsupported!(writes "RemoveRegionsFromReplication"),
    unsupported!(writes "ReplicateSecretToRegions"),
    writes::<restore_secret::RestoreSecret>(),
    writes::<rotate_secret::RotateSecret>(),
    unsupported!(writes "StopReplicationToReplica"),
    writes::<tag_resource::TagResource>(),
    writes::<untag_resource::UntagResource>(),
    writes::<update_secret::UpdateSecret>(),
    writes::<update_secret_version_stage::UpdateSecretVersionStage>(),
    reads::<validate_resource_policy::ValidateResourcePolicy>(),
];
