//! The operations.

mod add_permission;
mod create_function;
mod delete_function;
mod get_function;
mod get_function_configuration;
mod get_policy;
mod invoke;
mod list_functions;
mod list_tags;
mod remove_permission;
mod tag_resource;
mod untag_resource;
mod update_function_code;
mod update_function_configuration;

use crate::operation::{Entry, rest_answers, rest_reads, rest_writes};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    rest_writes::<add_permission::AddPermission>(add_permission::NAMES),
    rest_writes::<create_function::CreateFunction>(create_function::NAMES),
    rest_writes::<delete_function::DeleteFunction>(delete_function::NAMES),
    rest_reads::<get_function::GetFunction>(get_function::NAMES),
    rest_reads::<get_function_configuration::GetFunctionConfiguration>(
        get_function_configuration::NAMES,
    ),
    rest_reads::<get_policy::GetPolicy>(get_policy::NAMES),
    rest_answers::<invoke::Invoke>(invoke::NAMES),
    rest_reads::<list_functions::ListFunctions>(list_functions::NAMES),
    rest_reads::<list_tags::ListTags>(list_tags::NAMES),
    rest_writes::<remove_permission::RemovePermission>(remove_permission::NAMES),
    rest_writes::<tag_resource::TagResource>(tag_resource::NAMES),
    rest_writes::<untag_resource::UntagResource>(untag_resource::NAMES),
    rest_writes::<update_function_code::UpdateFunctionCode>(update_function_code::NAMES),
    rest_writes::<update_function_configuration::UpdateFunctionConfiguration>(
        update_function_configuration::NAMES,
    ),
];

/// The parameter of operations that take a qualifier.
const QUALIFIED: &[(&str, &str)] = &[("Qualifier", "Qualifier")];
