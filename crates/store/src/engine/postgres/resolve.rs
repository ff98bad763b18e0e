//! What became of a transaction whose `COMMIT` was not answered.
//!
//! Its token is the key of the row that it wrote into the change log. Whoever wants to know tries to
//! write a row with the same token, a *fence*, on another connection to the primary. If the
//! transaction is still under way, that waits for its end. If the fence gets in, the transaction did
//! not commit, and never can: its own row would have to go where the fence is. If the row is there,
//! it committed.
//!
//! Either way the statement writes something and is itself committed, so a standby that has to have
//! every commit has this one, and with it everything before: what is answered here is not undone by
//! the loss of the primary.

use super::Shared;
use super::commit::Doubt;
use super::poll::millis;
use super::session::Step;
use super::trouble::Trouble;
use super::value::{Param, int_of};
use std::time::Duration;
use tokio::time::sleep;

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Committed,
    NotCommitted,
    /// There is no row, but it is so long ago that it may have been removed. Nothing of it is under
    /// way any more.
    Forgotten,
}

impl Shared {
    /// Asks until there is an answer.
    pub(super) async fn resolve(&self, doubt: &Doubt) -> Fate {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.fence(doubt).await {
                Ok(fate) => return fate,
                Err(trouble) => tracing::debug!(?trouble, "asked in vain what became of a commit"),
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    async fn fence(&self, doubt: &Doubt) -> Result<Fate, Trouble> {
        let mut lent = self.pool.lend().await.map_err(Trouble::Refused)?;
        let step = Step::rows(
            FENCE,
            vec![
                Param::Bytes(doubt.token.to_vec()),
                Param::Bytes(self.instance.to_vec()),
                Param::Text(self.options().node.clone()),
            ],
        );
        lent.session.was_unreplicated();
        let limit = self.options().call_timeout();
        let answer = match lent.session.ask(&step, limit).await {
            Ok(answer) => answer,
            Err(Trouble::Lost(cause)) => {
                lent.discard();
                return Err(Trouble::Lost(cause));
            }
            Err(trouble) => {
                lent.give_back();
                return Err(trouble);
            }
        };
        let is_replicated = !lent.session.was_unreplicated();
        lent.give_back();
        let row = answer.rows().first();
        let is_fence = row.and_then(|row| row.try_get::<_, bool>(0).ok());
        let now = row.and_then(|row| int_of(row, 1));
        // Half of the time that rows are kept, so that clocks of two primaries may differ a little.
        let remembered = millis(self.options().changes_kept) / 2;
        match (is_fence, now) {
            _ if !is_replicated => Err(Trouble::Again(String::from("no standby has the answer"))),
            (Some(false), _) => Ok(Fate::Committed),
            (Some(true), Some(now)) if now.saturating_sub(doubt.began) < remembered => {
                Ok(Fate::NotCommitted)
            }
            (Some(true), Some(_)) => Ok(Fate::Forgotten),
            _ => Err(Trouble::Lost(String::from("there was no answer"))),
        }
    }
}

/// Waits for the transaction that has written the token, if it is under way.
const FENCE: &str = "INSERT INTO change_log AS c (token, instance, node, changes, is_fence) \
    VALUES ($1, $2, $3, ''::bytea, true) \
    ON CONFLICT (token) DO UPDATE SET asked = c.asked + 1 \
    RETURNING is_fence, (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
