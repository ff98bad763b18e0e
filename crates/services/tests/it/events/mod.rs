//! EventBridge: an operation, a file; and what becomes of what happens.

mod delete_rule;
mod describe_rule;
mod disable_rule;
mod enable_rule;
mod following;
mod kit;
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
