//! The audit log, looked up by what its events say.

use super::{PortFuture, StreamedEvent};
use ::audit::index::Question;
use base::CommonError;

/// Finds events of an account and a Region.
pub trait EventHistory: Send + Sync {
    /// Up to `most` events, the newest first.
    ///
    /// INVARIANT: every event in the page is one that was asked for: of the account and the Region, with
    /// the value of the attribute, at a time between the two.
    ///
    /// # Errors
    /// When too many look already, or the log cannot be read.
    fn look_up(&self, question: Question, most: usize) -> PortFuture<'_, HistoryPage, NotLookedUp>;
}

/// Why nothing was looked up.
#[derive(Debug, thiserror::Error)]
pub enum NotLookedUp {
    /// Others were looking all the time for which it waited.
    #[error("too many look at the log")]
    Busy,
    /// Something of ours failed.
    #[error(transparent)]
    Common(#[from] CommonError),
}

/// Events that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryPage {
    /// The events, the newest first: perhaps fewer than were asked for, even when there are more.
    pub events: Vec<StreamedEvent>,
    /// What the next question is to have as [`Question::before`]. `None`: that was all.
    pub next: Option<u64>,
}
