//! Access keys by their ids, each in the hands of one owner.

use super::error::Error;
use super::subject::Existing;
use crate::cx::Cx;
use crate::identity::model::AccessKey;
use crate::tx::Tx;
use base::CommonError;
use store::Versioned;

/// The access key `id` of `owner`.
///
/// # Errors
/// [`Error::AccessKeyNotFound`], also for a key of somebody else's.
pub(crate) async fn owned(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    owner: &Existing<'_>,
    id: &str,
) -> Result<Versioned<AccessKey>, Error> {
    let found = of_account(cx, tx, id).await?;
    found
        .filter(|found| found.record.user.as_deref() == owner.name())
        .ok_or_else(|| missing(id))
}

/// The access key `id`, if it is one of the caller's account.
///
/// # Errors
/// A failure of the store.
pub(crate) async fn of_account(
    cx: &Cx<'_>,
    tx: &mut Tx<'_>,
    id: &str,
) -> Result<Option<Versioned<AccessKey>>, CommonError> {
    let found = tx.get::<AccessKey>(&AccessKey::key_of(id)).await?;
    Ok(found.filter(|found| found.record.account == *cx.account()))
}

/// That there is no such key.
pub(crate) fn missing(id: &str) -> Error {
    Error::AccessKeyNotFound(id.to_owned())
}
