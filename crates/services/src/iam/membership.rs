//! Who is in which group.

use crate::cx::Cx;
use crate::identity::model::{Membership, folded};
use crate::tx::Tx;
use base::CommonError;
use std::sync::Arc;
use store::Query;

/// The members of the group called `group`, by name.
pub(crate) fn members(cx: &Cx<'_>, group: &str) -> Query {
    Query::primary(BATCH)
        .equal(cx.account())
        .equal(folded(group))
}

/// Whether the group has a member.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn has_members(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    group: &str,
) -> Result<bool, CommonError> {
    let first = members(cx, group).with_limit(1);
    let found = tx.query::<Membership>(&first).await?;
    Ok(!found.is_empty())
}

/// All memberships in the group.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn all(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    group: &str,
) -> Result<Vec<Arc<Membership>>, CommonError> {
    let mut all = Vec::new();
    let mut query = members(cx, group);
    loop {
        let found = tx.query::<Membership>(&query).await?;
        let next = found.last().map(|last| query.cursor(last.record.as_ref()));
        let is_end = found.len() < BATCH;
        all.extend(found.into_iter().map(|found| found.record));
        match next {
            Some(cursor) if !is_end => query = query.after(cursor),
            _ => return Ok(all),
        }
    }
}

const BATCH: usize = 500;
