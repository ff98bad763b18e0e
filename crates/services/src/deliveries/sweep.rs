//! Dead letters are kept for a while.

use super::records::{DeadLetter, dead_counter};
use crate::app::App;
use crate::authorize::Permit;
use base::CommonError;
use store::Record as _;

/// Forgets dead letters that nobody looked at in time, some at a time.
///
/// # Errors
/// When the store fails.
pub(crate) async fn forget_dead(app: &App, own: &Permit) -> Result<(), CommonError> {
    let before = app.clock.now().plus_days(-KEPT_DAYS);
    let mut tx = app.ledger.derive();
    let old = tx
        .query::<DeadLetter>(&DeadLetter::before(before, MOST))
        .await?;
    if old.is_empty() {
        return Ok(());
    }
    for letter in old {
        tx.count(own, &dead_counter(&letter.record.account), -1);
        tx.delete::<DeadLetter>(own, &letter.record.key(), letter.rev);
    }
    match tx.commit().await {
        // Another server is at it.
        Err(CommonError::Conflict) => Ok(()),
        committed => committed,
    }
}

/// How long a dead letter is kept.
const KEPT_DAYS: i64 = 14;
const MOST: usize = 1_000;
