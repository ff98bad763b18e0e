//! Who is at a message, and until when.
//!
//! A claim is good for half a minute, and is renewed while the message is under way, however long that
//! takes. So one whose server died waits no longer, and one whose server stops in order does not wait.
//!
//! INVARIANT: whoever has lost the claim on a message changes nothing of it any more.

use super::records::Delivery;
use crate::app::App;
use crate::authorize::Permit;
use crate::follow::retried;
use base::{AccountId, CommonError};
use jobs::Claim;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;
use store::Record as _;

/// A message that is ours to deliver.
pub(super) struct Claimed {
    pub(super) delivery: Delivery,
    pub(super) claim: Claim,
}

/// The messages that are under way from this process.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<HashMap<(AccountId, String), Claim>>);

impl Claimed {
    fn id(&self) -> (AccountId, String) {
        (self.delivery.account.clone(), self.delivery.id.clone())
    }
}

/// Claims a message for `worker`. `None`: somebody else was faster.
///
/// # Errors
/// When the store fails, or somebody else is at it.
pub(super) async fn claim(
    app: &App,
    own: &Permit,
    delivery: &Delivery,
    worker: &str,
) -> Result<Option<Claimed>, CommonError> {
    let mut tx = app.ledger.derive();
    let Some(found) = tx.get::<Delivery>(&delivery.key()).await? else {
        return Ok(None);
    };
    let mut delivery = Delivery::clone(&found.record);
    let now = app.clock.now();
    let Some(claim) = delivery.job.claim(worker, now, LEASE_MILLIS) else {
        return Ok(None);
    };
    tx.update(own, delivery.clone(), found.rev);
    tx.commit().await?;
    let claimed = Claimed { delivery, claim };
    let mut under_way = app.under_way.0.lock();
    under_way.insert(claimed.id(), claimed.claim.clone());
    Ok(Some(claimed))
}

/// Notes that the message is under way no more.
pub(super) fn is_over(app: &App, claimed: &Claimed) {
    app.under_way.0.lock().remove(&claimed.id());
}

/// Does `work` for a message, and says meanwhile that somebody is at it.
pub(super) async fn holding<T>(
    app: &App,
    own: &Permit,
    claimed: &Claimed,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    let id = claimed.id();
    loop {
        tokio::select! {
            biased;
            outcome = &mut work => return outcome,
            () = tokio::time::sleep(RENEWAL) => {
                let renewed = change(app, own, &id, &claimed.claim, |delivery, claim| {
                    let _ = delivery.job.renew(claim, app.clock.now(), LEASE_MILLIS);
                });
                if let Err(error) = renewed.await {
                    // There is time for another one.
                    tracing::warn!(%error, "the claim on a message was not renewed");
                }
            }
        }
    }
}

/// Gives back what is under way. Call when nobody is at it any more: others deliver it at once then, and
/// not when the claims have ended. What fails waits for that.
pub(crate) async fn give_back(app: &App, own: &Permit) {
    let under_way = std::mem::take(&mut *app.under_way.0.lock());
    for (id, claim) in under_way {
        let given_back = change(app, own, &id, &claim, |delivery, claim| {
            let _ = delivery.job.retry(claim, app.clock.now());
        });
        if let Err(error) = given_back.await {
            tracing::warn!(%error, "a message that was under way is delivered later");
        }
    }
}

/// Changes a message, if the claim on it is still good.
async fn change(
    app: &App,
    own: &Permit,
    (account, id): &(AccountId, String),
    claim: &Claim,
    change: impl Fn(&mut Delivery, &Claim),
) -> Result<(), CommonError> {
    retried(|| async {
        let mut tx = app.ledger.derive();
        let found = tx.get::<Delivery>(&Delivery::key_of(account, id)).await?;
        let Some(found) = found.filter(|found| found.record.job.check(claim).is_ok()) else {
            return Ok(());
        };
        let mut delivery = Delivery::clone(&found.record);
        change(&mut delivery, claim);
        tx.update(own, delivery, found.rev);
        tx.commit().await
    })
    .await
}

/// How long a claim is good.
const LEASE_MILLIS: i64 = 30_000;
/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
