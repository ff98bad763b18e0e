//! The audit log, read back.

use super::PortFuture;
use base::CommonError;
use bytes::Bytes;
use std::future::Future;
use std::pin::Pin;

/// The events of the audit log in their order, for what follows it.
///
/// INVARIANT: it gives only what a loss of power leaves in the log. An event that could still be cut
/// off would be replaced by another one of the same number, which nobody who went past it would see.
pub trait EventStream: Send + Sync {
    /// Events behind number `after`, oldest first: at least one if there is one, and no more than
    /// `most`, and about a mebibyte of them but for a single one that is larger. Numbers that are gone
    /// (deleted by age, or lost) are passed over.
    ///
    /// # Errors
    /// When the log cannot be read. It is for the caller to try again.
    fn read(&self, after: u64, most: usize) -> PortFuture<'_, Vec<StreamedEvent>, CommonError>;

    /// The number of the last event that [`EventStream::read`] could give; 0 before the first.
    fn newest(&self) -> u64;

    /// Resolves when there is an event behind number `after`.
    fn grown(&self, after: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// One event of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamedEvent {
    /// Its number. Numbers grow and are never given twice.
    pub sequence: u64,
    /// CloudTrail's record: one JSON object without a newline, and without the log's own member `chain`.
    pub record: Bytes,
}
