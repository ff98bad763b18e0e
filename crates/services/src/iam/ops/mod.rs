//! The operations of IAM, one file each, and their table.

mod add_client_id_to_open_id_connect_provider;
mod create_open_id_connect_provider;
mod create_policy;
mod create_policy_version;
mod create_role;
mod create_user;
mod delete_open_id_connect_provider;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod get_account_authorization_details;
mod get_context_keys_for_custom_policy;
mod get_context_keys_for_principal_policy;
mod get_open_id_connect_provider;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_user;
mod list_entities_for_policy;
mod list_instance_profiles_for_role;
mod list_open_id_connect_provider_tags;
mod list_open_id_connect_providers;
mod list_policies;
mod list_policy_tags;
mod list_policy_versions;
mod list_role_tags;
mod list_roles;
mod put_role_permissions_boundary;
mod remove_client_id_from_open_id_connect_provider;
mod set_default_policy_version;
mod simulate_custom_policy;
mod simulate_principal_policy;
mod tag_open_id_connect_provider;
mod tag_policy;
mod tag_role;
mod untag_open_id_connect_provider;
mod untag_policy;
mod untag_role;
mod update_assume_role_policy;
mod update_open_id_connect_provider_thumbprint;
mod update_role;
mod update_role_description;

use crate::operation::{Entry, query_reads, query_writes};

/// The operations that are there, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    query_writes::<add_client_id_to_open_id_connect_provider::AddClientIdToOpenIdConnectProvider>(),
    query_writes::<create_open_id_connect_provider::CreateOpenIdConnectProvider>(),
    query_writes::<create_policy::CreatePolicy>(),
    query_writes::<create_policy_version::CreatePolicyVersion>(),
    query_writes::<create_role::CreateRole>(),
    query_writes::<create_user::CreateUser>(),
    query_writes::<delete_open_id_connect_provider::DeleteOpenIdConnectProvider>(),
    query_writes::<delete_policy::DeletePolicy>(),
    query_writes::<delete_policy_version::DeletePolicyVersion>(),
    query_writes::<delete_role::DeleteRole>(),
    query_writes::<delete_role_permissions_boundary::DeleteRolePermissionsBoundary>(),
    query_reads::<get_account_authorization_details::GetAccountAuthorizationDetails>(),
    query_reads::<get_context_keys_for_custom_policy::GetContextKeysForCustomPolicy>(),
    query_reads::<get_context_keys_for_principal_policy::GetContextKeysForPrincipalPolicy>(),
    query_reads::<get_open_id_connect_provider::GetOpenIdConnectProvider>(),
    query_reads::<get_policy::GetPolicy>(),
    query_reads::<get_policy_version::GetPolicyVersion>(),
    query_reads::<get_role::GetRole>(),
    query_reads::<get_user::GetUser>(),
    query_reads::<list_entities_for_policy::ListEntitiesForPolicy>(),
    query_reads::<list_instance_profiles_for_role::ListInstanceProfilesForRole>(),
    query_reads::<list_open_id_connect_provider_tags::ListOpenIdConnectProviderTags>(),
    query_reads::<list_open_id_connect_providers::ListOpenIdConnectProviders>(),
    query_reads::<list_policies::ListPolicies>(),
    query_reads::<list_policy_tags::ListPolicyTags>(),
    query_reads::<list_policy_versions::ListPolicyVersions>(),
    query_reads::<list_role_tags::ListRoleTags>(),
    query_reads::<list_roles::ListRoles>(),
    query_writes::<put_role_permissions_boundary::PutRolePermissionsBoundary>(),
    query_writes::<
        remove_client_id_from_open_id_connect_provider::RemoveClientIdFromOpenIdConnectProvider,
    >(),
    query_writes::<set_default_policy_version::SetDefaultPolicyVersion>(),
    query_reads::<simulate_custom_policy::SimulateCustomPolicy>(),
    query_reads::<simulate_principal_policy::SimulatePrincipalPolicy>(),
    query_writes::<tag_open_id_connect_provider::TagOpenIdConnectProvider>(),
    query_writes::<tag_policy::TagPolicy>(),
    query_writes::<tag_role::TagRole>(),
    query_writes::<untag_open_id_connect_provider::UntagOpenIdConnectProvider>(),
    query_writes::<untag_policy::UntagPolicy>(),
    query_writes::<untag_role::UntagRole>(),
    query_writes::<update_assume_role_policy::UpdateAssumeRolePolicy>(),
    query_writes::<update_open_id_connect_provider_thumbprint::UpdateOpenIdConnectProviderThumbprint>(
    ),
    query_writes::<update_role::UpdateRole>(),
    query_writes::<update_role_description::UpdateRoleDescription>(),
];
