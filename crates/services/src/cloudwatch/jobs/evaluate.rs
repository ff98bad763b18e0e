//! Judges the alarms that are due: those whose metrics got data, and those that a new minute may change.

use crate::app::App;
use crate::authorize::Permit;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::judging::{look, rule_of};
use crate::cloudwatch::reason;
use crate::cloudwatch::records::{Alarm, AlarmState};
use crate::cloudwatch::transition::{Change, change};
use base::{AccountId, CommonError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::Record as _;

/// Judges what is due, each alarm in its own transaction. Idempotent. Tells whether some of it is due
/// still, since its account had its share: it is for the next call, when others had their turn.
///
/// # Errors
/// The last failure, after all that can be judged is.
pub(crate) async fn evaluate(app: &App, own: &Permit) -> Result<bool, CommonError> {
    let due = AlarmState::due(app.clock.now(), 1);
    let round = Round::default();
    let work = |state: Arc<AlarmState>| {
        let round = &round;
        async move {
            if round.admits(&state.account) {
                one(app, own, &state, round).await?;
                tokio::task::yield_now().await;
            }
            Ok::<(), Error>(())
        }
    };
    let judged = app.ledger.sweep(due, work).await;
    judged.map_err(CommonError::internal)?;
    Ok(round.has_left.into_inner())
}

/// What the accounts had of one call.
///
/// SECURITY: an alarm may look at weeks of data each minute, and an account may have thousands of them.
#[derive(Default)]
struct Round {
    /// How many buckets were looked at.
    buckets: Mutex<HashMap<AccountId, usize>>,
    has_left: AtomicBool,
}

impl Round {
    /// Whether an alarm of `account` is judged now. If not, that is noted.
    fn admits(&self, account: &AccountId) -> bool {
        let buckets = self.buckets.lock().get(account).copied();
        let admits = buckets.unwrap_or_default() < SHARE;
        if !admits {
            self.has_left.store(true, Ordering::Relaxed);
        }
        admits
    }

    fn note(&self, account: &AccountId, buckets: usize) {
        let mut of_accounts = self.buckets.lock();
        let before = of_accounts.entry(account.clone()).or_default();
        *before = before.saturating_add(buckets);
    }
}

async fn one(app: &App, own: &Permit, due: &AlarmState, round: &Round) -> Result<(), Error> {
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
    round.note(&due.account, judged.buckets);
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

/// How many buckets are looked at for the alarms of one account in one call, but for the alarm that
/// exceeds it.
const SHARE: usize = 500_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_had_its_share_waits_and_others_do_not() {
        let account = |id: &str| AccountId::parse(id).unwrap();
        let (one, other) = (account("123456789012"), account("210987654321"));
        let round = Round::default();

        round.note(&one, SHARE - 1);
        let below = round.admits(&one);
        let had_left = round.has_left.load(Ordering::Relaxed);
        round.note(&one, 1);
        let above = round.admits(&one);

        assert_eq!((below, had_left, above), (true, false, false));
        assert!(round.admits(&other));
        assert!(round.has_left.into_inner());
    }
}
