//! The operations of Secrets Manager, one file each, and their table.

mod batch_get_secret_value;
mod create_secret;
mod delete_secret;
mod describe_secret;
mod get_random_password;
mod get_secret_value;
mod list_secret_version_ids;
mod list_secrets;
mod put_secret_value;
mod restore_secret;
mod tag_resource;
mod unsupported;
mod untag_resource;
mod update_secret;
mod update_secret_version_stage;

use crate::operation::{Entry, reads, writes};
use unsupported::unsupported;

/// Every operation of the API, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    unsupported!(writes "AssociateCrossAccountReplica"),
    reads::<batch_get_secret_value::BatchGetSecretValue>(),
    unsupported!(writes "CancelRotateSecret"),
    writes::<create_secret::CreateSecret>(),
    unsupported!(writes "DeleteResourcePolicy"),
    writes::<delete_secret::DeleteSecret>(),
    reads::<describe_secret::DescribeSecret>(),
    unsupported!(writes "DisassociateCrossAccountReplica"),
    reads::<get_random_password::GetRandomPassword>(),
    unsupported!(reads "GetResourcePolicy"),
    reads::<get_secret_value::GetSecretValue>(),
    unsupported!(reads "ListResourcePolicies"),
    reads::<list_secret_version_ids::ListSecretVersionIds>(),
    reads::<list_secrets::ListSecrets>(),
    unsupported!(writes "PutResourcePolicy"),
    writes::<put_secret_value::PutSecretValue>(),
    unsupported!(writes "RemoveRegionsFromReplication"),
    unsupported!(writes "ReplicateSecretToRegions"),
    writes::<restore_secret::RestoreSecret>(),
    unsupported!(writes "RotateSecret"),
    unsupported!(writes "StopReplicationToReplica"),
    writes::<tag_resource::TagResource>(),
    writes::<untag_resource::UntagResource>(),
    writes::<update_secret::UpdateSecret>(),
    writes::<update_secret_version_stage::UpdateSecretVersionStage>(),
    unsupported!(reads "ValidateResourcePolicy"),
];
