//! The operations.

mod delete_change_set;
mod delete_stack;
mod describe_change_set;
mod describe_stack_events;
mod describe_stack_resource;
mod describe_stack_resources;
mod describe_stacks;
mod execute_change_set;
mod get_template;
mod list_change_sets;
mod list_stack_resources;
mod list_stacks;
mod unsupported;

use crate::operation::{Entry, query_reads, query_writes};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    query_writes::<unsupported::CreateChangeSet>(),
    query_writes::<unsupported::CreateStack>(),
    query_writes::<delete_change_set::DeleteChangeSet>(),
    query_writes::<delete_stack::DeleteStack>(),
    query_reads::<describe_change_set::DescribeChangeSet>(),
    query_reads::<describe_stack_events::DescribeStackEvents>(),
    query_reads::<describe_stack_resource::DescribeStackResource>(),
    query_reads::<describe_stack_resources::DescribeStackResources>(),
    query_reads::<describe_stacks::DescribeStacks>(),
    query_writes::<execute_change_set::ExecuteChangeSet>(),
    query_reads::<get_template::GetTemplate>(),
    query_reads::<list_change_sets::ListChangeSets>(),
    query_reads::<list_stack_resources::ListStackResources>(),
    query_reads::<list_stacks::ListStacks>(),
    query_writes::<unsupported::UpdateStack>(),
];
