//! Lambda: an operation, a file; and what runs functions.

mod access;
mod add_permission;
mod create_function;
mod delete_function;
mod get_function;
mod get_function_configuration;
mod get_policy;
mod invoke;
pub(crate) mod kit;
mod list_functions;
mod list_tags;
mod port;
mod queued;
mod remove_permission;
mod rest;
mod tag_resource;
mod untag_resource;
mod update_function_code;
mod update_function_configuration;
