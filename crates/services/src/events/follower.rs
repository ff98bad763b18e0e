//! Follows the audit log for rules.

use super::envelope::{Envelope, Origin};
use super::records::Rule;
use super::routing::Rules;
use crate::app::App;
use crate::authorize::Permit;
use crate::follow::{Followed, Follower};
use crate::tx::Deriving;
use base::CommonError;
use store::Query;

/// Tells the targets of rules what the log has. A rule hears of what happens once it is there.
pub(crate) struct RuleFollower;

impl Follower for RuleFollower {
    const NAME: &'static str = "events";
    const MOST: usize = 200;

    async fn is_needed(&self, tx: &mut Deriving<'_>) -> Result<bool, CommonError> {
        Ok(!tx.query::<Rule>(&Query::primary(1)).await?.is_empty())
    }

    async fn take(
        &self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> Result<usize, CommonError> {
        let mut rules = Rules::new(app);
        let mut taken = 0;
        for event in events {
            // Nearly all events are for nobody's rules, and understanding one takes long.
            if let Some(origin) = Origin::of(&event.head)
                && rules.may_mean(app, &origin).await?
                && let Some(envelope) = Envelope::of(event, origin)
            {
                rules.route(app, own, tx, &envelope).await?;
            }
            taken += 1;
            if tx.is_full() || rules.have_worked_enough() {
                break;
            }
        }
        Ok(taken)
    }
}
