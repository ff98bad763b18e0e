//! Writing a log stream, as a role that may.

mod cutting;

use super::EVENT_SOURCE;
use super::error::Error;
use super::group_id::stream_arn;
use super::records::{LogEvent, LogGroup, LogStream};
use crate::app::App;
use crate::audit::{self, Outcome};
use crate::authorize::{self, Action, Permit, Resource};
use crate::context::Keys;
use crate::ports::{LogStreams, PortFuture, PutLog};
use crate::service_call::{Called, ServiceCall};
use crate::tx::{Lines, Tx};
use base::{CommonError, random_uuid};
use cutting::cut;
use serde_json::json;
use serde_json::value::to_raw_value;
use store::Record as _;

/// CloudWatch Logs, for the services that write.
pub(crate) struct Logs {
    own: Permit,
}

impl Logs {
    /// With leave to write what a role may.
    pub(crate) fn new(own: Permit) -> Self {
        Self { own }
    }
}

impl LogStreams for Logs {
    fn put<'a>(&'a self, app: &'a App, put: PutLog<'a>) -> PortFuture<'a, bool, CommonError> {
        Box::pin(async move {
            let mut retries = 0;
            loop {
                match write(app, &self.own, put).await {
                    // Other runs of the function end at the same moment.
                    Err(Error::Common(CommonError::Conflict)) if retries < MOST_RETRIES => {
                        retries += 1;
                        tokio::task::yield_now().await;
                    }
                    Ok(written) => return Ok(written),
                    // SECURITY: no conflict is told to who would run the function again for it.
                    Err(Error::Common(CommonError::Conflict)) => {
                        return Err(CommonError::internal("a log stream could not be written"));
                    }
                    Err(Error::Common(error)) => return Err(error),
                    Err(error) => return Err(CommonError::internal(error)),
                }
            }
        })
    }
}

async fn write(app: &App, own: &Permit, put: PutLog<'_>) -> Result<bool, Error> {
    let account = put.principal.account();
    let mut tx = app.ledger.begin();
    let key = LogGroup::key_of(account, put.region, put.group);
    let found = tx.get::<LogGroup>(&key).await?;
    let needed: &[&'static str] = match found {
        Some(_) => &["CreateLogStream", "PutLogEvents"],
        None => &["CreateLogGroup", "CreateLogStream", "PutLogEvents"],
    };
    let mut events = Vec::new();
    for name in needed {
        match authorized(app, put, name)? {
            Ok(event) => events.push(event),
            Err(refusal) => {
                let recorded = app.ledger.record(refusal, events).await;
                recorded.map_err(CommonError::internal)?;
                return Ok(false);
            }
        }
    }
    let stream = stream(app, put);
    let mut group = match &found {
        Some(found) => LogGroup::clone(&found.record),
        None => LogGroup {
            account: account.clone(),
            region: put.region.clone(),
            name: put.group.to_owned(),
            created: app.clock.now(),
            bytes: 0,
        },
    };
    group.bytes = group.bytes.saturating_add(stream.bytes);
    make_room(&mut tx, own, &mut group).await?;
    match found {
        Some(found) => tx.update(own, group, found.rev),
        None => tx.insert(own, group),
    }
    tx.insert(own, stream);
    let own_event = events.pop().unwrap_or_default();
    tx.commit(Lines::of(own_event).and(events)).await?;
    Ok(true)
}

fn stream(app: &App, put: PutLog<'_>) -> LogStream {
    let events = cut(put.lines);
    let bytes = events.iter().map(size_of).sum();
    LogStream {
        account: put.principal.account().clone(),
        region: put.region.clone(),
        group: put.group.to_owned(),
        name: put.stream.to_owned(),
        written: app.clock.now(),
        events,
        bytes,
    }
}

/// What a line counts, as AWS counts it.
fn size_of(event: &LogEvent) -> u64 {
    event.message.len() as u64 + 26
}

/// Removes the oldest streams until the group has no more than it may.
async fn make_room(tx: &mut Tx<'_>, own: &Permit, group: &mut LogGroup) -> Result<(), Error> {
    if group.bytes <= MOST_BYTES {
        return Ok(());
    }
    for oldest in tx
        .query::<LogStream>(&LogStream::of_group(group, MOST_REMOVED))
        .await?
    {
        if group.bytes <= MOST_BYTES {
            break;
        }
        group.bytes = group.bytes.saturating_sub(oldest.record.bytes);
        tx.delete::<LogStream>(own, &oldest.record.key(), oldest.rev);
    }
    Ok(())
}

/// Asks whether the role may. Gives CloudTrail's event of the call, or of its refusal.
fn authorized(
    app: &App,
    put: PutLog<'_>,
    name: &'static str,
) -> Result<Result<Vec<u8>, Vec<u8>>, CommonError> {
    let account = put.principal.account();
    let (action, stream) = match name {
        "CreateLogGroup" => (Action("logs:CreateLogGroup"), ""),
        "CreateLogStream" => (Action("logs:CreateLogStream"), put.stream),
        _ => (Action("logs:PutLogEvents"), put.stream),
    };
    let parameters = json!({ "logGroupName": put.group, "logStreamName": put.stream });
    let parameters = to_raw_value(&parameters).ok();
    let service = ServiceCall::new(random_uuid(app.entropy.as_ref()));
    let facts = service.facts(Called {
        by: put.service,
        role: Some((put.principal, put.access_key_id)),
        event_source: EVENT_SOURCE,
        event_name: name,
        region: put.region,
        now: app.clock.now(),
        parameters: parameters.as_deref(),
    });
    let arn = stream_arn(account, put.region, put.group, stream);
    let resource = Resource::named(account, arn);
    let asked = authorize::authorize(put.principal, &facts, action, resource, &Keys::none());
    let event_id = random_uuid(app.entropy.as_ref());
    match asked {
        Ok(permit) => {
            let outcome = Outcome::permitted(&permit);
            Ok(Ok(audit::api_call(&facts, &event_id, outcome)))
        }
        Err(CommonError::AccessDenied(denial)) => {
            let outcome = Outcome {
                error: Some((super::error::COMMON.access_denied.0, &denial.text)),
                decision: denial.decided.as_deref(),
                ..Outcome::default()
            };
            Ok(Err(audit::api_call(&facts, &event_id, outcome)))
        }
        Err(error) => Err(error),
    }
}

/// Of a group: 10 MiB.
const MOST_BYTES: u64 = 10 << 20;
/// How many streams give way to one: the largest stream is worth no more than that many small ones,
/// and what is left over gives way to the next.
const MOST_REMOVED: usize = 200;
const MOST_RETRIES: u32 = 200;
