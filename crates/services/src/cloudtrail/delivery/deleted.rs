//! What a trail still delivers once it is deleted.
//!
//! Its delivery goes on under a key of its own, with the trail as it was, so that another one may have the
//! name. It ends when nothing of before the deletion can come any more, or nobody took it for days.

use crate::cloudtrail::error::Error;
use crate::cloudtrail::model::Trail;
use crate::cloudtrail::records::{Deleted, Delivery};
use crate::tx::Tx;
use base::Timestamp;
use store::Versioned;

/// The delivery of `trail`, which is deleted: it goes on to the end of what happened until now. `None`: there
/// is nothing to deliver.
///
/// # Errors
/// [`Error::TooManyChanges`] while too many deleted trails of the account deliver.
pub(in crate::cloudtrail) async fn end(
    tx: &mut Tx<'_>,
    mut trail: Trail,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Option<Delivery>, Error> {
    if delivery.due.is_none() || delivery.trail_id != trail.id {
        return Ok(None);
    }
    let others = tx
        .query::<Delivery>(&Delivery::all_of(&trail.account))
        .await?;
    let is_deleted = |one: &&Versioned<Delivery>| one.record.deleted.is_some();
    if others.iter().filter(is_deleted).count() >= MOST_DELETED {
        return Err(Error::TooManyChanges);
    }
    trail.stop(now);
    Ok(Some(Delivery {
        deleted: Some(Box::new(Deleted { trail, at: now })),
        ..delivery.clone()
    }))
}

/// Whether nothing is to be done any more for a trail that was deleted. What its bucket refuses for days
/// does not come.
pub(super) fn is_settled(next: &Delivery, deleted: &Deleted, now: Timestamp) -> bool {
    let refused = [&next.files.error, &next.digests.error];
    let refused = refused.into_iter().find_map(Option::as_deref);
    let is_late = now > deleted.at.plus_days(PATIENCE_DAYS);
    if let Some(error) = refused.filter(|_| is_late && next.due.is_some()) {
        tracing::error!(
            trail = deleted.trail.arn(),
            error,
            "what a deleted trail has not delivered is given up"
        );
        return true;
    }
    next.due.is_none()
}

/// How long what a deleted trail has to deliver is tried.
const PATIENCE_DAYS: i64 = 7;
/// How many deleted trails of an account deliver at once.
const MOST_DELETED: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudtrail::delivery::begin;
    use crate::cloudtrail::model::tests::a_trail;
    use crate::fixtures::World;

    #[test]
    fn only_what_was_refused_is_given_up() {
        let world = World::new();
        let deleted = Deleted {
            trail: a_trail(),
            at: Timestamp::from_millis(0),
        };
        let delivery = begin(&a_trail(), None, &world.app);
        let mut refused = delivery.clone();
        refused.files.error = Some(String::from("NoSuchBucket"));
        let mut done = delivery.clone();
        done.due = None;

        let settled = |delivery: &Delivery| {
            let days = [6, 8].map(|days| deleted.at.plus_days(days));
            days.map(|now| is_settled(delivery, &deleted, now))
        };

        assert_eq!(settled(&delivery), [false, false]);
        assert_eq!(settled(&refused), [false, true]);
        assert_eq!(settled(&done), [true, true]);
    }
}
