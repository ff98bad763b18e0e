//! CloudFormation: one file for each operation, and what they have in common.

mod create_change_set;
mod create_stack;
mod delete_change_set;
mod delete_stack;
mod describe_change_set;
mod describe_stack_events;
mod describe_stack_resource;
mod describe_stack_resources;
mod describe_stacks;
mod execute_change_set;
mod forgetting;
mod get_template;
pub(crate) mod kit;
mod list_change_sets;
mod list_stack_resources;
mod list_stacks;
mod permissions;
mod update_stack;
