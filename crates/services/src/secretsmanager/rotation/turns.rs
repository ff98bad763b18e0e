//! Whose turn it is: which of the rotations that are due a worker takes.
//!
//! Rules:
//! - one of the longest due comes first, by lot, so that workers that look at the same moment do not
//!   meet, and of an account that may have another worker (`seats.rs`);
//! - when there are more of the others than are looked at, one is looked for account by account: at
//!   so many each time, from where the last search ended. So what one look costs does not grow with
//!   what one account has due, and every account comes to its turn.

use super::progress::work_on;
use super::record::{self, Rotations};
use super::review::review_when_due;
use crate::app::App;
use crate::authorize::Permit;
use crate::secretsmanager::error::Error;
use base::{AccountId, CommonError, Timestamp, random_below};
use std::sync::Arc;
use store::{Query, Record};

/// Does one rotation that is due and may be done, from where it stands to its end or its next wait.
/// Gives whether there was one. `worker` says who does it.
///
/// # Errors
/// When the store or the audit log fails. The rotation is taken up again when the worker's lease has
/// ended.
pub(crate) async fn work_on_next(app: &App, permit: &Permit, worker: &str) -> Result<bool, Error> {
    review_when_due(app, permit).await?;
    let search = Search {
        app,
        permit,
        worker,
        now: app.clock.now(),
    };
    let page = search
        .read(&record::due(search.now, MOST_LOOKED_AT))
        .await?;
    let may_be_more = page.len() == MOST_LOOKED_AT;
    for found in page {
        let Some(_seat) = app.rotation_seats.take(&found.account) else {
            continue;
        };
        if search.work_on(&found).await? {
            return Ok(true);
        }
    }
    match may_be_more {
        true => search.by_account().await,
        false => Ok(false),
    }
}

/// A worker that looks for something to do.
struct Search<'a> {
    app: &'a App,
    permit: &'a Permit,
    worker: &'a str,
    now: Timestamp,
}

impl Search<'_> {
    /// Looks at one account after the other, in a circle.
    async fn by_account(&self) -> Result<bool, Error> {
        let seats = &self.app.rotation_seats;
        let start = seats.place();
        let (mut place, mut last) = (start.clone(), None);
        for _ in 0..MOST_ACCOUNTS {
            let next = record::first_of_next(place.as_ref(), last.as_ref());
            let Some(first) = self.read(&next).await?.pop() else {
                if start.is_none() || last.is_some() {
                    break;
                }
                // The rest of the circle: from the first account to where this search began.
                (place, last) = (None, start.clone());
                continue;
            };
            place = Some(first.account.clone());
            let is_due = first.job.next_look().is_some_and(|at| at <= self.now);
            if is_due && self.of_account(&first.account).await? {
                return Ok(true);
            }
        }
        seats.set_place(place);
        Ok(false)
    }

    async fn of_account(&self, account: &AccountId) -> Result<bool, Error> {
        let seats = &self.app.rotation_seats;
        let Some(_seat) = seats.take(account) else {
            return Ok(false);
        };
        // While this worker is at it, others look from here on.
        seats.set_place(Some(account.clone()));
        let due = record::due_of(account, self.now, MOST_OF_ACCOUNT);
        for found in self.read(&due).await? {
            if self.work_on(&found).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn work_on(&self, found: &Rotations) -> Result<bool, Error> {
        work_on(self.app, self.permit, &found.key(), self.worker).await
    }

    /// What `query` finds. Workers that look at the same moment begin with different ones.
    async fn read(&self, query: &Query) -> Result<Vec<Arc<Rotations>>, Error> {
        let mut tx = self.app.ledger.begin_reading();
        let page = tx.query::<Rotations>(query).await;
        let mut page = page.map_err(CommonError::from)?;
        let first = u32::try_from(page.len()).unwrap_or_default();
        let first = random_below(self.app.entropy.as_ref(), first);
        page.rotate_left(usize::try_from(first).unwrap_or_default());
        Ok(page.into_iter().map(|found| found.record).collect())
    }
}

/// How many of the longest due a worker looks at.
const MOST_LOOKED_AT: usize = 32;
/// How many accounts it looks at when those are of no use.
const MOST_ACCOUNTS: usize = 64;
/// How many it tries of one of them, should others be quicker.
const MOST_OF_ACCOUNT: usize = 8;
