//! Removes log streams that are older than the retention. Idempotent.

use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::logs::EVENT_SOURCE;
use crate::logs::error::Error;
use crate::logs::records::{LogGroup, LogStream, RETENTION_DAYS};
use crate::tx::Lines;
use base::{CommonError, random_uuid};
use serde_json::json;
use store::{Record as _, Versioned};

/// Removes what is due, each stream in its own transaction.
///
/// # Errors
/// The last failure, after all that can be removed is.
pub(crate) async fn sweep(app: &App, permit: &Permit) -> Result<(), CommonError> {
    let mut failed = Ok(());
    loop {
        let due = LogStream::expired(app.clock.now(), STRIDE);
        let page = app.ledger.begin_reading().query::<LogStream>(&due).await?;
        let mut removed = 0;
        for stream in &page {
            match remove(app, permit, stream).await {
                Ok(()) => removed += 1,
                // Somebody else is at it; the next call looks again.
                Err(Error::Common(CommonError::Conflict)) => {}
                Err(error) => failed = Err(CommonError::internal(error)),
            }
        }
        if page.len() < STRIDE || removed == 0 {
            return failed;
        }
    }
}

async fn remove(app: &App, permit: &Permit, due: &Versioned<LogStream>) -> Result<(), Error> {
    let stream = &due.record;
    let mut tx = app.ledger.begin();
    let key = LogGroup::key_of(&stream.account, &stream.region, &stream.group);
    if let Some(found) = tx.get::<LogGroup>(&key).await? {
        let mut group = LogGroup::clone(&found.record);
        group.bytes = group.bytes.saturating_sub(stream.bytes);
        tx.update(permit, group, found.rev);
    }
    tx.delete::<LogStream>(permit, &stream.key(), due.rev);
    let event = ServiceEvent {
        event_source: EVENT_SOURCE,
        event_name: "DeleteLogStream",
        region: stream.region.as_str(),
        account: stream.account.as_str(),
        now: app.clock.now(),
        request_id: &random_uuid(app.entropy.as_ref()),
        response_elements: None,
        additional: json!({
            "logGroupName": stream.group,
            "logStreamName": stream.name,
            "retentionInDays": RETENTION_DAYS,
        }),
    };
    tx.commit(Lines::of(event.to_line(&random_uuid(app.entropy.as_ref()))))
        .await?;
    Ok(())
}

const STRIDE: usize = 100;
