//! The operations.

mod confirm_subscription;
mod create_topic;
mod delete_topic;
mod get_subscription_attributes;
mod get_topic_attributes;
mod list_subscriptions;
mod list_subscriptions_by_topic;
mod list_tags_for_resource;
mod list_topics;
mod publish;
mod publish_batch;
mod set_subscription_attributes;
mod set_topic_attributes;
mod subscribe;
mod tag_resource;
mod unsubscribe;
mod untag_resource;

use crate::operation::{Entry, query_either, query_reads, query_writes};

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    query_either::<confirm_subscription::ConfirmSubscription>(),
    query_writes::<create_topic::CreateTopic>(),
    query_writes::<delete_topic::DeleteTopic>(),
    query_reads::<get_subscription_attributes::GetSubscriptionAttributes>(),
    query_reads::<get_topic_attributes::GetTopicAttributes>(),
    query_reads::<list_subscriptions::ListSubscriptions>(),
    query_reads::<list_subscriptions_by_topic::ListSubscriptionsByTopic>(),
    query_reads::<list_tags_for_resource::ListTagsForResource>(),
    query_reads::<list_topics::ListTopics>(),
    query_writes::<publish::Publish>(),
    query_writes::<publish_batch::PublishBatch>(),
    query_writes::<set_subscription_attributes::SetSubscriptionAttributes>(),
    query_writes::<set_topic_attributes::SetTopicAttributes>(),
    query_writes::<subscribe::Subscribe>(),
    query_writes::<tag_resource::TagResource>(),
    query_either::<unsubscribe::Unsubscribe>(),
    query_writes::<untag_resource::UntagResource>(),
];

/// How many entries of a list a page has.
const PAGE: usize = 100;
