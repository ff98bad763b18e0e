use base::Timestamp;
use std::ops::Bound;
use store::{Key, Query, Record, StoreError, Tx};

/// At most `limit` records that are to be looked at by `now`, the longest due first. `index` is over
/// [`Job::next_look`](crate::Job::next_look).
pub fn due(index: &'static str, now: Timestamp, limit: usize) -> Query {
    Query::on(index, limit).to(Bound::Included(now))
}

/// Changes the work under `key` in `tx`, to be committed by the caller. `step` gives `None` to leave
/// it as it is. A conflict at the commit means that somebody else was at it: to be tried again, or
/// given up.
///
/// # Errors
/// When the store fails.
pub async fn advance<W: Record + Clone, T>(
    tx: &mut Tx,
    key: &Key,
    step: impl FnOnce(&mut W) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let Some(found) = tx.get::<W>(key).await? else {
        return Ok(None);
    };
    let mut work = W::clone(&found.record);
    let done = step(&mut work);
    if done.is_some() {
        tx.update(work, found.rev);
    }
    Ok(done)
}
