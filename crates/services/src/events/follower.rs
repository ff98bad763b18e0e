//! Follows the audit log for rules.

use super::envelope::Envelope;
use super::routing::Rules;
use crate::app::App;
use crate::authorize::Permit;
use crate::follow::{Followed, Follower};
use crate::tx::Deriving;
use base::CommonError;

/// Tells the targets of rules what the log has. A rule hears of what happens once it is there.
pub(crate) struct RuleFollower;

impl Follower for RuleFollower {
    const NAME: &'static str = "events";
    const MOST: usize = 200;

    async fn take(
        &self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> Result<usize, CommonError> {
        let mut rules = Rules::default();
        let mut taken = 0;
        for event in events {
            if let Some(envelope) = Envelope::of(event) {
                rules.route(app, own, tx, &envelope).await?;
            }
            taken += 1;
            if tx.is_full() {
                break;
            }
        }
        Ok(taken)
    }
}
