//! The operations.

mod delete_rule;
mod describe_rule;
mod disable_rule;
mod enable_rule;
mod list_rule_names_by_target;
mod list_rules;
mod list_tags_for_resource;
mod list_targets_by_rule;
mod put_events;
mod put_rule;
mod put_targets;
mod remove_targets;
mod tag_resource;
mod test_event_pattern;
mod untag_resource;

use crate::operation::{Entry, reads, writes};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    writes::<delete_rule::DeleteRule>(),
    reads::<describe_rule::DescribeRule>(),
    writes::<disable_rule::DisableRule>(),
    writes::<enable_rule::EnableRule>(),
    reads::<list_rule_names_by_target::ListRuleNamesByTarget>(),
    reads::<list_rules::ListRules>(),
    reads::<list_tags_for_resource::ListTagsForResource>(),
    reads::<list_targets_by_rule::ListTargetsByRule>(),
    writes::<put_events::PutEvents>(),
    writes::<put_rule::PutRule>(),
    writes::<put_targets::PutTargets>(),
    writes::<remove_targets::RemoveTargets>(),
    writes::<tag_resource::TagResource>(),
    reads::<test_event_pattern::TestEventPattern>(),
    writes::<untag_resource::UntagResource>(),
];

/// An answer without members.
pub(crate) struct Nothing;

impl wire::json::Output for Nothing {
    fn write(&self, _: &mut wire::json::Object<'_>) {}
}

/// How many entries a page has at most.
const PAGE: usize = 100;

/// The size of a page, as it is asked for.
fn page(limit: Option<i64>) -> usize {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    limit.unwrap_or(PAGE).min(PAGE)
}
