//! Judges the alarms that are due: those whose metrics got data, and those that a new minute may change.

use crate::app::App;
use crate::authorize::Permit;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::judging::{look, rule_of};
use crate::cloudwatch::reason;
use crate::cloudwatch::records::{Alarm, AlarmState};
use crate::cloudwatch::transition::{Change, change};
use base::CommonError;
use store::Record as _;

/// Judges what is due, each alarm in its own transaction. Idempotent.
///
/// # Errors
/// The last failure, after all that can be judged is.
pub(crate) async fn evaluate(app: &App, own: &Permit) -> Result<(), CommonError> {
    let due = AlarmState::due(app.clock.now(), 1);
    let judged = app
        .ledger
        .sweep::<AlarmState, Error, _>(due, |state| async move { one(app, own, &state).await });
    judged.await.map_err(CommonError::internal)
}

async fn one(app: &App, own: &Permit, due: &AlarmState) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.ledger.begin();
    let key = due.key();
    let found = match tx.get::<AlarmState>(&key).await? {
        Some(found) if found.record.due.is_some_and(|due| due <= now) => found,
        // Somebody else did it, or removed the alarm.
        _ => return Ok(()),
    };
    let mut state = AlarmState::clone(&found.record);
    let Some(alarm) = tx.get::<Alarm>(&key).await? else {
        let mut lent = tx.lend();
        lent.derive().delete::<AlarmState>(own, &key, found.rev);
        return Ok(lent.commit_derived().await?);
    };
    let alarm = &alarm.record;
    let judged = look(&mut tx, alarm, now).await?;
    let mut lent = tx.lend();
    state.due = judged.next;
    if let Some(verdict) = judged
        .verdict
        .filter(|verdict| verdict.state != state.value)
    {
        let new = Change {
            value: verdict.state,
            reason: reason::text(&rule_of(alarm), &verdict, state.value),
            reason_data: Some(reason::data(alarm, &verdict, now)),
        };
        change(app, own, lent.derive(), alarm, &mut state, new).await?;
    }
    lent.derive().update(own, state, found.rev);
    Ok(lent.commit_derived().await?)
}
