//! The store's outbox: events committed together with a change, until the file keeps them.

use std::future::Future;
use store::{Store, StoreError};
use tokio::sync::mpsc;

/// Where events of changes wait.
pub(crate) trait Outbox: Send + Sync {
    /// The `limit` oldest, with their numbers.
    fn oldest(
        &self,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(u64, Vec<u8>)>, StoreError>> + Send;

    /// Takes those numbers out.
    fn done(&self, numbers: Vec<u64>) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl Outbox for Store {
    async fn oldest(&self, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let entries = self.outbox(limit).await?;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.seq, entry.body))
            .collect())
    }

    async fn done(&self, numbers: Vec<u64>) -> Result<(), StoreError> {
        self.outbox_done(numbers).await
    }
}

/// Takes out of `outbox` what the writer reports as safe, until the writer has ended.
///
/// What cannot be taken out is tried again with the next report, and at the latest found in the
/// file when the server starts again.
pub(crate) async fn sweep(outbox: impl Outbox, mut durable: mpsc::UnboundedReceiver<Vec<u64>>) {
    let mut numbers = Vec::new();
    while let Some(more) = durable.recv().await {
        numbers.extend(more);
        while let Ok(more) = durable.try_recv() {
            numbers.extend(more);
        }
        match outbox.done(numbers.clone()).await {
            Ok(()) => numbers.clear(),
            Err(error) => tracing::warn!(%error, "cannot clear the audit outbox"),
        }
    }
}
