//! The operations of IAM, one file each, and their table.

mod add_client_id_to_open_id_connect_provider;
mod add_user_to_group;
mod attach_group_policy;
mod attach_role_policy;
mod attach_user_policy;
mod create_access_key;
mod create_group;
mod create_open_id_connect_provider;
mod create_policy;
mod create_policy_version;
mod create_role;
mod create_user;
mod delete_access_key;
mod delete_group;
mod delete_group_policy;
mod delete_open_id_connect_provider;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod delete_user;
mod delete_user_permissions_boundary;
mod delete_user_policy;
mod detach_group_policy;
mod detach_role_policy;
mod detach_user_policy;
mod get_access_key_last_used;
mod get_account_authorization_details;
mod get_account_summary;
mod get_group;
mod get_group_policy;
mod get_login_profile;
mod get_open_id_connect_provider;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod get_user;
mod get_user_policy;
mod list_access_keys;
mod list_account_aliases;
mod list_attached_group_policies;
mod list_attached_role_policies;
mod list_attached_user_policies;
mod list_entities_for_policy;
mod list_group_policies;
mod list_groups;
mod list_groups_for_user;
mod list_instance_profiles_for_role;
mod list_mfa_devices;
mod list_open_id_connect_provider_tags;
mod list_open_id_connect_providers;
mod list_policies;
mod list_policy_tags;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod list_service_specific_credentials;
mod list_signing_certificates;
mod list_ssh_public_keys;
mod list_user_policies;
mod list_user_tags;
mod list_users;
mod put_group_policy;
mod put_role_permissions_boundary;
mod put_role_policy;
mod put_user_permissions_boundary;
mod put_user_policy;
mod remove_client_id_from_open_id_connect_provider;
mod remove_user_from_group;
mod set_default_policy_version;
mod tag_open_id_connect_provider;
mod tag_policy;
mod tag_role;
mod tag_user;
mod untag_open_id_connect_provider;
mod untag_policy;
mod untag_role;
mod untag_user;
mod update_access_key;
mod update_assume_role_policy;
mod update_group;
mod update_open_id_connect_provider_thumbprint;
mod update_role;
mod update_role_description;
mod update_user;

use crate::operation::{Entry, query_reads, query_writes};

/// The operations that are there, in alphabetical order.
pub(crate) static OPERATIONS: &[Entry] = &[
    query_writes::<add_client_id_to_open_id_connect_provider::AddClientIdToOpenIdConnectProvider>(),
    query_writes::<add_user_to_group::AddUserToGroup>(),
    query_writes::<attach_group_policy::AttachGroupPolicy>(),
    query_writes::<attach_role_policy::AttachRolePolicy>(),
    query_writes::<attach_user_policy::AttachUserPolicy>(),
    query_writes::<create_access_key::CreateAccessKey>(),
    query_writes::<create_group::CreateGroup>(),
    query_writes::<create_open_id_connect_provider::CreateOpenIdConnectProvider>(),
    query_writes::<create_policy::CreatePolicy>(),
    query_writes::<create_policy_version::CreatePolicyVersion>(),
    query_writes::<create_role::CreateRole>(),
    query_writes::<create_user::CreateUser>(),
    query_writes::<delete_access_key::DeleteAccessKey>(),
    query_writes::<delete_group::DeleteGroup>(),
    query_writes::<delete_group_policy::DeleteGroupPolicy>(),
    query_writes::<delete_open_id_connect_provider::DeleteOpenIdConnectProvider>(),
    query_writes::<delete_policy::DeletePolicy>(),
    query_writes::<delete_policy_version::DeletePolicyVersion>(),
    query_writes::<delete_role::DeleteRole>(),
    query_writes::<delete_role_permissions_boundary::DeleteRolePermissionsBoundary>(),
    query_writes::<delete_role_policy::DeleteRolePolicy>(),
    query_writes::<delete_user::DeleteUser>(),
    query_writes::<delete_user_permissions_boundary::DeleteUserPermissionsBoundary>(),
    query_writes::<delete_user_policy::DeleteUserPolicy>(),
    query_writes::<detach_group_policy::DetachGroupPolicy>(),
    query_writes::<detach_role_policy::DetachRolePolicy>(),
    query_writes::<detach_user_policy::DetachUserPolicy>(),
    query_reads::<get_access_key_last_used::GetAccessKeyLastUsed>(),
    query_reads::<get_account_authorization_details::GetAccountAuthorizationDetails>(),
    query_reads::<get_account_summary::GetAccountSummary>(),
    query_reads::<get_group::GetGroup>(),
    query_reads::<get_group_policy::GetGroupPolicy>(),
    query_reads::<get_login_profile::GetLoginProfile>(),
    query_reads::<get_open_id_connect_provider::GetOpenIdConnectProvider>(),
    query_reads::<get_policy::GetPolicy>(),
    query_reads::<get_policy_version::GetPolicyVersion>(),
    query_reads::<get_role::GetRole>(),
    query_reads::<get_role_policy::GetRolePolicy>(),
    query_reads::<get_user::GetUser>(),
    query_reads::<get_user_policy::GetUserPolicy>(),
    query_reads::<list_access_keys::ListAccessKeys>(),
    query_reads::<list_account_aliases::ListAccountAliases>(),
    query_reads::<list_attached_group_policies::ListAttachedGroupPolicies>(),
    query_reads::<list_attached_role_policies::ListAttachedRolePolicies>(),
    query_reads::<list_attached_user_policies::ListAttachedUserPolicies>(),
    query_reads::<list_entities_for_policy::ListEntitiesForPolicy>(),
    query_reads::<list_group_policies::ListGroupPolicies>(),
    query_reads::<list_groups::ListGroups>(),
    query_reads::<list_groups_for_user::ListGroupsForUser>(),
    query_reads::<list_instance_profiles_for_role::ListInstanceProfilesForRole>(),
    query_reads::<list_mfa_devices::ListMFADevices>(),
    query_reads::<list_open_id_connect_provider_tags::ListOpenIdConnectProviderTags>(),
    query_reads::<list_open_id_connect_providers::ListOpenIdConnectProviders>(),
    query_reads::<list_policies::ListPolicies>(),
    query_reads::<list_policy_tags::ListPolicyTags>(),
    query_reads::<list_policy_versions::ListPolicyVersions>(),
    query_reads::<list_role_policies::ListRolePolicies>(),
    query_reads::<list_role_tags::ListRoleTags>(),
    query_reads::<list_roles::ListRoles>(),
    query_reads::<list_ssh_public_keys::ListSSHPublicKeys>(),
    query_reads::<list_service_specific_credentials::ListServiceSpecificCredentials>(),
    query_reads::<list_signing_certificates::ListSigningCertificates>(),
    query_reads::<list_user_policies::ListUserPolicies>(),
    query_reads::<list_user_tags::ListUserTags>(),
    query_reads::<list_users::ListUsers>(),
    query_writes::<put_group_policy::PutGroupPolicy>(),
    query_writes::<put_role_permissions_boundary::PutRolePermissionsBoundary>(),
    query_writes::<put_role_policy::PutRolePolicy>(),
    query_writes::<put_user_permissions_boundary::PutUserPermissionsBoundary>(),
    query_writes::<put_user_policy::PutUserPolicy>(),
    query_writes::<
        remove_client_id_from_open_id_connect_provider::RemoveClientIdFromOpenIdConnectProvider,
    >(),
    query_writes::<remove_user_from_group::RemoveUserFromGroup>(),
    query_writes::<set_default_policy_version::SetDefaultPolicyVersion>(),
    query_writes::<tag_open_id_connect_provider::TagOpenIdConnectProvider>(),
    query_writes::<tag_policy::TagPolicy>(),
    query_writes::<tag_role::TagRole>(),
    query_writes::<tag_user::TagUser>(),
    query_writes::<untag_open_id_connect_provider::UntagOpenIdConnectProvider>(),
    query_writes::<untag_policy::UntagPolicy>(),
    query_writes::<untag_role::UntagRole>(),
    query_writes::<untag_user::UntagUser>(),
    query_writes::<update_access_key::UpdateAccessKey>(),
    query_writes::<update_assume_role_policy::UpdateAssumeRolePolicy>(),
    query_writes::<update_group::UpdateGroup>(),
    query_writes::<update_open_id_connect_provider_thumbprint::UpdateOpenIdConnectProviderThumbprint>(
    ),
    query_writes::<update_role::UpdateRole>(),
    query_writes::<update_role_description::UpdateRoleDescription>(),
    query_writes::<update_user::UpdateUser>(),
];
