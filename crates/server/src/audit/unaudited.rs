//! No log of what the services do: to measure what the log costs (`bench/README.md`).
//!
//! SECURITY: no feature and no setting leads here, only a compiler flag of its own; and such a build says so at
//! each start.

use super::FileSink;
use services::{AppendFuture, AuditEntry, AuditSink};
use std::sync::Arc;

/// Where the services' events go: nowhere.
pub(crate) fn for_services(_: &Arc<FileSink>) -> Arc<dyn AuditSink> {
    tracing::error!("this build is for measuring: it records nothing, and is not to be used");
    Arc::new(Nowhere)
}

struct Nowhere;

impl AuditSink for Nowhere {
    fn append(&self, _: AuditEntry) -> AppendFuture<'_> {
        Box::pin(async { Ok(()) })
    }
}
