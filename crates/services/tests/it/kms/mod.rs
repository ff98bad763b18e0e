//! One file for each operation, and what several operations share.

mod create_alias;
mod create_grant;
mod create_key;
mod delete_alias;
mod describe_key;
mod disable_key_rotation;
mod enable_key_rotation;
mod encrypt;
mod get_key_rotation_status;
mod kit;
mod list_aliases;
mod list_grants;
mod list_key_rotations;
mod list_resource_tags;
mod list_retirable_grants;
mod retire_grant;
mod revoke_grant;
mod rotate_key_on_demand;
mod rotating;
mod stage;
mod tag_resource;
mod untag_resource;
mod update_alias;
