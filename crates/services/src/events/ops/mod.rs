//! The operations.

mod changed;
mod create_api_destination;
mod create_connection;
mod deauthorize_connection;
mod delete_api_destination;
mod delete_connection;
mod delete_rule;
mod describe_api_destination;
mod describe_connection;
mod describe_rule;
mod disable_rule;
mod enable_rule;
mod list_api_destinations;
mod list_connections;
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
mod update_api_destination;
mod update_connection;

use super::error::Error;
use super::holding::{Holding, by_arn, of_account};
use super::records::{ApiDestination, Connection};
use crate::cx::Cx;
use crate::operation::{Entry, reads, writes};
use crate::paging::Listing;
use crate::tx::Tx;
use std::sync::Arc;
use store::Value;

/// In alphabetical order.
pub(super) const OPERATIONS: &[Entry] = &[
    writes::<create_api_destination::CreateApiDestination>(),
    writes::<create_connection::CreateConnection>(),
    writes::<deauthorize_connection::DeauthorizeConnection>(),
    writes::<delete_api_destination::DeleteApiDestination>(),
    writes::<delete_connection::DeleteConnection>(),
    writes::<delete_rule::DeleteRule>(),
    reads::<describe_api_destination::DescribeApiDestination>(),
    reads::<describe_connection::DescribeConnection>(),
    reads::<describe_rule::DescribeRule>(),
    writes::<disable_rule::DisableRule>(),
    writes::<enable_rule::EnableRule>(),
    reads::<list_api_destinations::ListApiDestinations>(),
    reads::<list_connections::ListConnections>(),
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
    writes::<update_api_destination::UpdateApiDestination>(),
    writes::<update_connection::UpdateConnection>(),
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

/// Names that begin so, the token of the page before, and how many are asked for.
type Asked<'a> = (&'a str, Option<&'a str>, Option<i64>);

/// A page of the connections or API destinations that are asked for, and the token of the next.
///
/// # Errors
/// A token that is none; a failure of the store.
async fn held_page<R: Holding>(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    listing: &Listing<'_>,
    (prefix, token, limit): Asked<'_>,
    is_asked_for: impl Fn(&R) -> bool,
) -> Result<(Vec<Arc<R>>, Option<String>), Error> {
    let mut query = of_account::<R>(cx.account(), cx.region, prefix);
    if let Some(token) = token {
        let after: String = listing.cursor(cx, token)?;
        query = query.after(vec![Value::from(&after)]);
    }
    let found = tx.query::<R>(&query).await?;
    let found = found.into_iter().map(|found| found.record);
    let size = page(limit);
    let mut shown: Vec<Arc<R>> = found
        .filter(|one| is_asked_for(one))
        .take(size + 1)
        .collect();
    let has_more = shown.len() > size;
    shown.truncate(size);
    let last = shown.last().filter(|_| has_more);
    let next = last
        .map(|last| listing.token(cx, &last.name()))
        .transpose()?;
    Ok((shown, next))
}

/// Whether the connection of an API destination is there, and authorizes.
///
/// # Errors
/// A failure of the store.
async fn is_active(tx: &mut Tx<'_>, destination: &ApiDestination) -> Result<bool, Error> {
    let (account, region) = (&destination.account, &destination.region);
    let found = by_arn::<Connection>(tx, account, region, &destination.connection).await?;
    Ok(found.is_some_and(|connection| connection.is_authorized()))
}
