//! Events that PutEvents brought: they wait in the store until they are routed.

use super::envelope::Envelope;
use super::records::PutEvent;
use super::routing::Rules;
use crate::app::App;
use crate::authorize::Permit;
use crate::follow::retried_with_fewer;
use base::CommonError;
use store::Record as _;

/// Routes the oldest of them, and tells whether there were any.
///
/// # Errors
/// When the store fails; they wait then.
pub(crate) async fn route_put(app: &App, own: &Permit) -> Result<bool, CommonError> {
    let oldest = PutEvent::oldest(1);
    let waiting = app
        .ledger
        .begin_reading()
        .query::<PutEvent>(&oldest)
        .await?;
    if waiting.is_empty() {
        return Ok(false);
    }
    retried_with_fewer(AT_ONCE, async |most| try_route(app, own, most).await).await?;
    Ok(true)
}

async fn try_route(app: &App, own: &Permit, most: usize) -> Result<(), CommonError> {
    let mut tx = app.ledger.derive();
    let mut rules = Rules::new(app);
    for found in tx.query::<PutEvent>(&PutEvent::oldest(most)).await? {
        let put = &found.record;
        let envelope = Envelope {
            account: put.account.clone(),
            region: put.region.clone(),
            is_read: false,
            bytes: put.event.len(),
            event: serde_json::from_str(&put.event).unwrap_or_default(),
        };
        rules.route(app, own, &mut tx, &envelope).await?;
        tx.count(own, &PutEvent::counter(&put.account), -1);
        tx.delete::<PutEvent>(own, &put.key(), found.rev);
        if tx.is_full() || rules.have_worked_enough() {
            break;
        }
    }
    tx.commit().await
}

const AT_ONCE: usize = 50;
