//! Removes secrets whose recovery window has ended.
//!
//! Behaviour reference §5.3. Idempotent: it reads what is due and removes it; a secret that was
//! restored in between is no longer due.

use crate::app::App;
use crate::authorize::Permit;
use crate::secretsmanager::error::Error;
use crate::secretsmanager::model::Secret;
use crate::secretsmanager::records::BY_PURGE;
use crate::secretsmanager::removal::{Course, remove};
use crate::tx::Lines;
use base::{CommonError, Timestamp, random_uuid};
use std::ops::Bound;
use std::sync::Arc;
use store::{Query, Record};

/// Purges the secrets that are due at the present moment, each in its own transaction.
///
/// # Errors
/// The last failure, after all that can be purged is.
pub(crate) async fn purge_deleted(app: &App, permit: &Permit) -> Result<(), Error> {
    let now = app.clock.now();
    let due = Query::on(BY_PURGE, 1).to(Bound::Included(now));
    let purge = |due| purge(app, due, now, permit);
    app.ledger.sweep(due, purge).await
}

async fn purge(app: &App, due: Arc<Secret>, now: Timestamp, permit: &Permit) -> Result<(), Error> {
    let mut tx = app.ledger.begin();
    let found = tx
        .get::<Secret>(&due.key())
        .await
        .map_err(CommonError::from)?;
    let is_due = |secret: &Secret| {
        secret
            .deletion
            .as_ref()
            .is_some_and(|deletion| deletion.due <= now)
    };
    let Some(found) = found.filter(|found| is_due(&found.record)) else {
        return Ok(());
    };
    let versions = remove(&mut tx, permit, &found).await?;
    let entropy = app.entropy.as_ref();
    let course = Course {
        now,
        request_id: &random_uuid(entropy),
        entropy,
    };
    let ended = course.each_version("EndSecretVersionDelete", &found.record, &versions);
    tx.commit(Lines::of(course.removed(&found.record)).and(ended))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::model::Deletion;
    use crate::secretsmanager::model::tests::a_secret;
    use crate::secretsmanager::world::World;

    #[tokio::test]
    async fn no_value_outlives_its_secret() {
        let world = World::new();
        let now = world.app.clock.now();
        let due = |name, due| {
            let mut secret = a_secret(name);
            secret.deletion = Some(Deletion {
                requested: now.plus_days(-30),
                due,
            });
            secret
        };
        let gone = world.store(due("gone", now), 150).await;
        let later = world.store(due("later", now.plus_millis(1)), 2).await;
        let kept = world.store(a_secret("kept"), 2).await;

        purge_deleted(&world.app, &Permit::of_tests())
            .await
            .unwrap();

        assert_eq!(world.values_of(&gone).await, 0);
        assert_eq!(world.values_of(&later).await, 2);
        assert_eq!(world.values_of(&kept).await, 2);
    }
}
