//! The operations of KMS, one file each, and their table.

mod create_alias;
mod create_grant;
mod create_key;
mod delete_alias;
mod describe_key;
mod encrypt;
mod list_aliases;
mod list_grants;
mod list_resource_tags;
mod list_retirable_grants;
mod retire_grant;
mod revoke_grant;
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
    reads::<encrypt::Encrypt>(),
    reads::<list_aliases::ListAliases>(),
    reads::<list_grants::ListGrants>(),
    reads::<list_resource_tags::ListResourceTags>(),
    reads::<list_retirable_grants::ListRetirableGrants>(),
    writes::<retire_grant::RetireGrant>(),
    writes::<revoke_grant::RevokeGrant>(),
    writes::<tag_resource::TagResource>(),
    writes::<untag_resource::UntagResource>(),
    writes::<update_alias::UpdateAlias>(),
];
