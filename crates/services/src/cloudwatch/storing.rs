//! Taking data in: each value goes into every tier, and has the alarms of its metric judged soon.

use super::error::Error;
use super::records::{Alarm, AlarmState, Block, Metric, TIERS, Tally};
use super::series::Series;
use super::statistics::{Aggregate, unit_code};
use crate::app::App;
use crate::authorize::Permit;
use crate::ports::{MetricDatum, Metrics, PortFuture};
use crate::tx::Deriving;
use base::{CommonError, Timestamp};
use std::collections::BTreeMap;

/// CloudWatch, for services that count.
pub(crate) struct Storing;

impl Metrics for Storing {
    fn put<'a>(
        &'a self,
        app: &'a App,
        own: &'a Permit,
        tx: &'a mut Deriving<'_>,
        data: &'a [MetricDatum],
    ) -> PortFuture<'a, (), CommonError> {
        Box::pin(async move {
            let now = app.clock.now();
            let mut by_series = BySeries::new();
            for datum in data {
                let points = points(datum, now);
                if !points.is_empty() {
                    by_series.entry(series(datum)).or_default().extend(points);
                }
            }
            match store(own, tx, now, by_series).await {
                // What there is no room for is not counted; what follows the log must go on.
                Ok(()) | Err(Error::LimitExceeded(_)) => Ok(()),
                Err(Error::Common(error)) => Err(error),
                Err(error) => Err(CommonError::internal(error)),
            }
        })
    }
}

fn series(datum: &MetricDatum) -> Series {
    Series::new(
        &datum.account,
        &datum.region,
        &datum.namespace,
        &datum.name,
        datum.dimensions.clone(),
    )
}

/// What of `datum` is taken at `now`.
fn points(datum: &MetricDatum, now: Timestamp) -> Vec<Point> {
    let unit = unit_code(datum.unit.as_deref());
    let taken = datum.values.iter();
    let taken = taken.filter(|(at, values)| is_admitted(*at, now) && values.is_finite());
    taken
        .map(|(at, values)| Point {
            at: *at,
            unit,
            values: *values,
        })
        .collect()
}

/// Points, by their metrics.
pub(super) type BySeries = BTreeMap<Series, Vec<Point>>;

/// Values of a metric at a moment.
pub(super) struct Point {
    pub(super) at: Timestamp,
    /// A place among the units.
    pub(super) unit: u8,
    pub(super) values: Aggregate,
}

/// Whether data of the moment `at` is taken, as AWS has it: not older than two weeks, no more than two
/// hours ahead.
pub(super) fn is_admitted(at: Timestamp, now: Timestamp) -> bool {
    at >= now.plus_days(-14) && at <= now.plus_seconds(2 * 3_600)
}

/// Adds points in the caller's transaction.
///
/// # Errors
/// [`Error::LimitExceeded`] when there are new metrics that the account has no room for: those are left
/// out. A failure of the store.
pub(super) async fn store(
    own: &Permit,
    tx: &mut Deriving<'_>,
    now: Timestamp,
    by_series: BySeries,
) -> Result<(), Error> {
    let mut has_room = true;
    for (series, points) in by_series {
        if !note_metric(own, tx, &series, &points).await? {
            has_room = false;
            continue;
        }
        add_to_blocks(own, tx, &series, &points).await?;
        wake_alarms(own, tx, &series, now).await?;
        // There may be a thousand of them, and others have a turn on this thread.
        tokio::task::yield_now().await;
    }
    match has_room {
        true => Ok(()),
        false => Err(Error::LimitExceeded(TOO_MANY_METRICS)),
    }
}

/// Notes that there is the metric. `false`: there is no room for it.
async fn note_metric(
    own: &Permit,
    tx: &mut Deriving<'_>,
    series: &Series,
    points: &[Point],
) -> Result<bool, Error> {
    let hour = |at: Timestamp| {
        let millis = at.as_millis();
        Timestamp::from_millis(millis - millis.rem_euclid(HOUR_MILLIS))
    };
    let last = points.iter().map(|point| hour(point.at)).max();
    let metric = Metric {
        series: series.clone(),
        last: last.unwrap_or(Timestamp::from_millis(0)),
    };
    match tx.get::<Metric>(&Metric::key_of(series)).await? {
        Some(found) if found.record.last >= metric.last => {}
        Some(found) => tx.update(own, metric, found.rev),
        None => {
            let key = Tally::key_of(&series.account, &series.region);
            let found = tx.get::<Tally>(&key).await?;
            let before = found.as_ref().map_or(0, |found| found.record.metrics);
            if before >= MOST_METRICS {
                return Ok(false);
            }
            let tally = Tally {
                account: series.account.clone(),
                region: series.region.clone(),
                metrics: before + 1,
            };
            match found {
                Some(found) => tx.update(own, tally, found.rev),
                None => tx.insert(own, tally),
            }
            tx.insert(own, metric);
        }
    }
    Ok(true)
}

async fn add_to_blocks(
    own: &Permit,
    tx: &mut Deriving<'_>,
    series: &Series,
    points: &[Point],
) -> Result<(), Error> {
    for tier in TIERS {
        let mut by_block: BTreeMap<i64, Vec<&Point>> = BTreeMap::new();
        for point in points {
            let begins = tier.block_of(second(point));
            by_block.entry(begins).or_default().push(point);
        }
        for (begins, points) in by_block {
            let key = Block::key_of(series, tier, begins);
            let found = tx.get::<Block>(&key).await?;
            let mut block = match &found {
                Some(found) => Block::clone(&found.record),
                None => Block::new(series, tier, begins),
            };
            for point in points {
                block.add(tier.offset_of(second(point)), point.unit, point.values);
            }
            match found {
                Some(found) => tx.update(own, block, found.rev),
                None => tx.insert(own, block),
            }
        }
    }
    Ok(())
}

fn second(point: &Point) -> i64 {
    point.at.as_millis().div_euclid(1_000)
}

/// Has the alarms of a metric judged soon.
async fn wake_alarms(
    own: &Permit,
    tx: &mut Deriving<'_>,
    series: &Series,
    now: Timestamp,
) -> Result<(), Error> {
    let alarms = Alarm::of_series(series, MOST_ALARMS);
    for alarm in tx.query::<Alarm>(&alarms).await? {
        let Alarm { name, series, .. } = alarm.record.as_ref();
        let key = AlarmState::key_of(&series.account, &series.region, name);
        let Some(found) = tx.get::<AlarmState>(&key).await? else {
            continue;
        };
        if found.record.due.is_none_or(|due| due > now) {
            let mut state = AlarmState::clone(&found.record);
            state.due = Some(now);
            tx.update(own, state, found.rev);
        }
    }
    Ok(())
}

/// Of an account in a Region.
pub(super) const MOST_METRICS: u64 = 10_000;
const TOO_MANY_METRICS: &str = "The maximum limit of 10000 metrics is exceeded.";
/// As many as an account may have.
const MOST_ALARMS: usize = 5_000;
const HOUR_MILLIS: i64 = 3_600_000;
