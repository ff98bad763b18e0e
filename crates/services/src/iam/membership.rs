//! Who is in which group.

use crate::cx::Cx;
use crate::identity::model::{Membership, folded};
use crate::tx::Tx;
use base::CommonError;
use std::sync::Arc;
use store::Query;

/// The members of the group called `group`, by name.
pub(crate) fn members(cx: &Cx<'_>, group: &str) -> Query {
    Query::primary(0).equal(cx.account()).equal(folded(group))
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
    tx.every(members(cx, group), |one| all.push(one)).await?;
    Ok(all)
}
