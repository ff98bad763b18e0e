//! Removes what runs logged, when it is older than the retention. Idempotent.

use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::lambda::EVENT_SOURCE;
use crate::lambda::error::Error;
use crate::lambda::run_log::RunLog;
use crate::tx::Lines;
use base::{CommonError, random_uuid};
use serde_json::json;
use store::Record as _;

/// Removes what is due, a number of logs in one transaction.
///
/// # Errors
/// When the store or the audit log fails; the work stays due.
pub(crate) async fn sweep(app: &App, permit: &Permit) -> Result<(), Error> {
    loop {
        let mut tx = app.ledger.begin();
        let due = RunLog::expired(app.clock.now(), STRIDE);
        let page = tx.query::<RunLog>(&due).await?;
        if page.is_empty() {
            return Ok(());
        }
        for one in &page {
            tx.delete::<RunLog>(permit, &one.record.key(), one.rev);
        }
        match tx.commit(event(app, page.len())).await.map_err(Error::from) {
            Ok(_) if page.len() == STRIDE => {}
            // Somebody else is at it; the next call looks again.
            Ok(_) | Err(Error::Common(CommonError::Conflict)) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn event(app: &App, count: usize) -> Lines {
    let entropy = app.entropy.as_ref();
    let event = ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: "DeleteRunLogs",
        region: "unknown",
        account: "unknown",
        now: app.clock.now(),
        request_id: &random_uuid(entropy),
        response_elements: None,
        additional: json!({ "count": count }),
    };
    Lines::of(event.to_line(&random_uuid(entropy)))
}

const STRIDE: usize = 100;
