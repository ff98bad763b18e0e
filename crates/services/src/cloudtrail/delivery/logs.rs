//! Delivery to log groups: the events of an account, as they come.

use crate::app::App;
use crate::audit;
use crate::authorize::Permit;
use crate::cloudtrail::destinations::{group_name, may_write, stream_name};
use crate::cloudtrail::model::{LogDestination, Trail};
use crate::cloudtrail::records::{LogDelivery, Told, trails_of};
use crate::follow::{Followed, Follower};
use crate::ports::AppendedLog;
use crate::tx::Deriving;
use ::audit::Described;
use base::{AccountId, CommonError, RegionName, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use store::{Query, Record as _};

/// Follows the log, and appends to the log groups of trails.
pub(crate) struct ToLogGroups;

impl Follower for ToLogGroups {
    const NAME: &'static str = "cloudtrail logs";
    /// They are all appended in one transaction, and each may have hundreds of kilobytes.
    const MOST: usize = 100;

    async fn is_needed(&self, tx: &mut Deriving<'_>) -> Result<bool, CommonError> {
        Ok(!tx.query::<Trail>(&Query::primary(1)).await?.is_empty())
    }

    async fn take(
        &self,
        app: &App,
        own: &Permit,
        tx: &mut Deriving<'_>,
        events: &[Followed<'_>],
    ) -> Result<usize, CommonError> {
        let accounts: BTreeSet<&str> = events
            .iter()
            .map(|event| event.head.recipient_account_id.as_ref())
            .collect();
        let accounts = accounts
            .into_iter()
            .filter_map(|id| AccountId::parse(id).ok());
        for account in accounts {
            let trails = tx.query::<Trail>(&trails_of(&account)).await?;
            for trail in trails {
                let trail = trail.record;
                if let Some(logs) = &trail.logs {
                    append(app, own, tx, (&trail, logs), events).await?;
                }
            }
        }
        Ok(events.len())
    }
}

/// Lines of the log group, by the Regions that the events are of.
type Appending = BTreeMap<RegionName, Vec<(Timestamp, String)>>;

async fn append(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    (trail, logs): (&Trail, &LogDestination),
    events: &[Followed<'_>],
) -> Result<(), CommonError> {
    let mut failed = None;
    let appending = covered(trail, events);
    let is_any = !appending.is_empty();
    let group = group_name(&logs.group_arn, &trail.account, &trail.region).unwrap_or_default();
    for (source, lines) in appending {
        if !may_write(app, trail, logs, &source).await? {
            failed = Some("AccessDenied");
            continue;
        }
        let appended = AppendedLog {
            account: &trail.account,
            region: &trail.region,
            group,
            stream: &stream_name(&trail.account, &source),
            events: &lines,
        };
        if !app.log_groups.append(app, own, tx, appended).await? {
            failed = Some("ResourceNotFoundException");
        }
    }
    match is_any {
        true => note(app, own, tx, trail, failed).await,
        false => Ok(()),
    }
}

/// What `trail` delivers of `events`, in order of time.
fn covered(trail: &Trail, events: &[Followed<'_>]) -> Appending {
    let mut appending = Appending::new();
    for event in events {
        if event.head.recipient_account_id != trail.account.as_str() {
            continue;
        }
        let Some(described) = Described::of(event.record) else {
            continue;
        };
        if !trail.covers(&described) {
            continue;
        }
        let Some(record) = audit::shown(event.record) else {
            continue;
        };
        if let Ok(source) = RegionName::parse(&described.region) {
            let at = Timestamp::from_millis(described.time.saturating_mul(1_000));
            let line = String::from_utf8_lossy(&record).into_owned();
            appending.entry(source).or_default().push((at, line));
        }
    }
    for lines in appending.values_mut() {
        lines.sort_by_key(|(at, _)| *at);
    }
    appending
}

/// Notes how it went, for `GetTrailStatus`.
async fn note(
    app: &App,
    own: &Permit,
    tx: &mut Deriving<'_>,
    trail: &Trail,
    failed: Option<&str>,
) -> Result<(), CommonError> {
    let now = app.clock.now();
    let found = tx.get::<LogDelivery>(&trail.key()).await?;
    let before = found.as_ref().and_then(|found| found.record.told.succeeded);
    let noted = LogDelivery {
        account: trail.account.clone(),
        region: trail.region.clone(),
        trail: trail.name.clone(),
        told: Told {
            attempted: Some(now),
            succeeded: if failed.is_none() { Some(now) } else { before },
            error: failed.map(str::to_owned),
        },
    };
    match found {
        None => tx.insert(own, noted),
        Some(found) => tx.update(own, noted, found.rev),
    }
    Ok(())
}
