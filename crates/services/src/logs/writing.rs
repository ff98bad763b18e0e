//! Writing: whole streams as a role that may, and lines of services that have leave.

mod cutting;

use super::EVENT_SOURCE;
use super::appending::{Appending, append};
use super::error::Error;
use super::group_id::{groups_counter, stream_arn};
use super::records::LogGroup;
use crate::app::App;
use crate::audit::{self, Outcome};
use crate::authorize::{self, Action, Permit, Resource};
use crate::context::Keys;
use crate::ports::{AppendedLog, LogGroups, LogStreams, PortFuture, PutLog};
use crate::service_call::{Called, ServiceCall};
use crate::tx::{Deriving, Lines};
use base::{CommonError, random_uuid};
use cutting::cut;
use serde_json::json;
use serde_json::value::to_raw_value;

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

impl LogGroups for Logs {
    fn append<'a>(
        &'a self,
        app: &'a App,
        own: &'a Permit,
        tx: &'a mut Deriving<'_>,
        appended: AppendedLog<'a>,
    ) -> PortFuture<'a, bool, CommonError> {
        Box::pin(async move {
            let key = LogGroup::key_of(appended.account, appended.region, appended.group);
            let Some(found) = tx.get::<LogGroup>(&key).await? else {
                return Ok(false);
            };
            let appending = Appending {
                group: &found.record,
                stream: appended.stream,
                events: appended.events,
            };
            append(app, own, tx, appending).await?;
            Ok(true)
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
    let group = match found {
        Some(found) => LogGroup::clone(&found.record),
        None => {
            let group = LogGroup::of_function(account, put.region, put.group, app.clock.now());
            tx.insert(own, group.clone());
            // No group of a function is refused, so that a run has its log; `CreateLogGroup` counts them
            // with its own, as `DeleteLogGroup` does.
            tx.count(own, &groups_counter(account, put.region), 1, None);
            group
        }
    };
    let appending = Appending {
        group: &group,
        stream: put.stream,
        events: &cut(put.lines),
    };
    let mut lent = tx.lend();
    append(app, own, lent.derive(), appending).await?;
    let own_event = events.pop().unwrap_or_default();
    lent.into_tx()
        .commit(Lines::of(own_event).and(events))
        .await?;
    Ok(true)
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

const MOST_RETRIES: u32 = 200;
