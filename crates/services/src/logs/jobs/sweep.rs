//! Removes lines that are older than the retention of their group. Idempotent.
//!
//! A stream whose last lines go goes too, which an event tells.

use crate::app::App;
use crate::audit::ServiceEvent;
use crate::authorize::Permit;
use crate::logs::EVENT_SOURCE;
use crate::logs::error::Error;
use crate::logs::records::{LogChunk, LogGroup, LogStream, LogUsage, RETENTION_DAYS};
use crate::tx::{Deriving, Lines};
use base::{CommonError, Timestamp, random_uuid};
use serde_json::json;
use store::{Query, Record as _, Versioned};

/// Removes what is due, each chunk in its own transaction.
///
/// # Errors
/// The last failure, after all that can be removed is.
pub(crate) async fn sweep(app: &App, permit: &Permit) -> Result<(), CommonError> {
    let of_old = old_streams(app, permit).await;
    let groups = Query::primary(1);
    let of_groups = app
        .ledger
        .sweep::<LogGroup, Error, _>(groups, |group| async move {
            match group.retention_days {
                Some(days) => of_group(app, permit, &group, days).await,
                None => Ok(()),
            }
        });
    let of_groups = of_groups.await.map_err(CommonError::internal);
    of_old.and(of_groups)
}

/// Streams that were written before there were chunks.
async fn old_streams(app: &App, permit: &Permit) -> Result<(), CommonError> {
    let mut failed = Ok(());
    loop {
        let due = LogStream::expired(app.clock.now(), STRIDE);
        let page = app.ledger.begin_reading().query::<LogStream>(&due).await?;
        let mut removed = 0;
        for stream in &page {
            match remove_old(app, permit, stream).await {
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

async fn remove_old(app: &App, permit: &Permit, due: &Versioned<LogStream>) -> Result<(), Error> {
    let stream = LogStream::clone(&due.record);
    let mut lent = app.ledger.begin().lend();
    let tx = lent.derive();
    lower_usage(tx, permit, &stream, stream.bytes).await?;
    if stream.chunks > 0 {
        // Somebody appended to it: only what it began with goes.
        let rest = LogStream {
            events: Vec::new(),
            ..stream
        };
        tx.update(permit, rest, due.rev);
        return Ok(lent.commit_derived().await?);
    }
    tx.delete::<LogStream>(permit, &stream.key(), due.rev);
    let event = gone(app, &stream, RETENTION_DAYS);
    lent.into_tx().commit(Lines::of(event)).await?;
    Ok(())
}

async fn of_group(app: &App, permit: &Permit, group: &LogGroup, days: i64) -> Result<(), Error> {
    let until = app.clock.now().plus_days(-days);
    loop {
        let due = LogChunk::written_until(group, until, STRIDE);
        let page = app.ledger.begin_reading().query::<LogChunk>(&due).await?;
        for chunk in &page {
            remove_chunk(app, permit, chunk, until, days).await?;
        }
        if page.len() < STRIDE {
            return Ok(());
        }
    }
}

async fn remove_chunk(
    app: &App,
    permit: &Permit,
    due: &Versioned<LogChunk>,
    until: Timestamp,
    days: i64,
) -> Result<(), Error> {
    let mut lent = app.ledger.begin().lend();
    let tx = lent.derive();
    let chunk = match tx.get::<LogChunk>(&due.record.key()).await? {
        Some(chunk) if chunk.record.written <= until => chunk,
        // Somebody else removed it, or wrote to it.
        _ => return Ok(()),
    };
    tx.delete::<LogChunk>(permit, &due.record.key(), chunk.rev);
    let chunk = chunk.record;
    let key = LogStream::key_of(&chunk.account, &chunk.region, &chunk.group, &chunk.stream);
    let Some(found) = tx.get::<LogStream>(&key).await? else {
        return Ok(lent.commit_derived().await?);
    };
    let mut stream = LogStream::clone(&found.record);
    lower_usage(tx, permit, &stream, chunk.bytes).await?;
    stream.chunks = stream.chunks.saturating_sub(1);
    stream.bytes = stream.bytes.saturating_sub(chunk.bytes);
    if !stream.is_empty() {
        tx.update(permit, stream, found.rev);
        return Ok(lent.commit_derived().await?);
    }
    tx.delete::<LogStream>(permit, &key, found.rev);
    let event = gone(app, &stream, days);
    lent.into_tx().commit(Lines::of(event)).await?;
    Ok(())
}

async fn lower_usage(
    tx: &mut Deriving<'_>,
    permit: &Permit,
    stream: &LogStream,
    bytes: u64,
) -> Result<(), CommonError> {
    let key = LogGroup::key_of(&stream.account, &stream.region, &stream.group);
    if let Some(found) = tx.get::<LogUsage>(&key).await? {
        let mut usage = LogUsage::clone(&found.record);
        usage.bytes = usage.bytes.saturating_sub(bytes);
        tx.update(permit, usage, found.rev);
    } else if let Some(found) = tx.get::<LogGroup>(&key).await? {
        let group = &found.record;
        let usage = LogUsage {
            account: group.account.clone(),
            region: group.region.clone(),
            group: group.name.clone(),
            bytes: group.bytes.saturating_sub(bytes),
        };
        tx.insert(permit, usage);
    }
    Ok(())
}

/// The event of a stream that goes.
fn gone(app: &App, stream: &LogStream, days: i64) -> Vec<u8> {
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
            "retentionInDays": days,
        }),
    };
    event.to_line(&random_uuid(app.entropy.as_ref()))
}

const STRIDE: usize = 100;
