//! Removes data, history and metrics whose time is over. Idempotent.

use crate::app::App;
use crate::authorize::Permit;
use crate::cloudwatch::records::{Block, HistoryItem, Metric, Tally};
use crate::tx::Derived;
use base::CommonError;
use store::{Query, Record, Versioned};

/// Removes what is due, a page in each transaction.
///
/// # Errors
/// The first failure; the work stays due.
pub(crate) async fn sweep(app: &App, own: &Permit) -> Result<(), CommonError> {
    let now = app.clock.now();
    all::<Block>(app, own, &Block::expired(now, STRIDE)).await?;
    all::<HistoryItem>(app, own, &HistoryItem::expired(now, STRIDE)).await?;
    let silent = Metric::silent_since(now.plus_days(-KEPT_DAYS), STRIDE);
    loop {
        let mut tx = app.ledger.derive();
        let page = tx.query::<Metric>(&silent).await?;
        for metric in &page {
            let series = &metric.record.series;
            let key = Tally::key_of(&series.account, &series.region);
            if let Some(found) = tx.get::<Tally>(&key).await? {
                let mut tally = Tally::clone(&found.record);
                tally.metrics = tally.metrics.saturating_sub(1);
                tx.update(own, tally, found.rev);
            }
            tx.delete::<Metric>(own, &metric.record.key(), metric.rev);
        }
        if page.is_empty() || !is_committed(tx.commit().await)? || page.len() < STRIDE {
            return Ok(());
        }
    }
}

async fn all<R: Derived>(app: &App, own: &Permit, due: &Query) -> Result<(), CommonError> {
    loop {
        let mut tx = app.ledger.derive();
        let page: Vec<Versioned<R>> = tx.query::<R>(due).await?;
        for one in &page {
            tx.delete::<R>(own, &Record::key(one.record.as_ref()), one.rev);
        }
        if page.is_empty() || !is_committed(tx.commit().await)? || page.len() < STRIDE {
            return Ok(());
        }
    }
}

/// `false`: somebody else is at it, and the next call looks again.
fn is_committed(committed: Result<(), CommonError>) -> Result<bool, CommonError> {
    match committed {
        Ok(()) => Ok(true),
        Err(CommonError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

const STRIDE: usize = 200;
/// As long as data by the hour.
const KEPT_DAYS: i64 = 455;
