//! `GetMetricData`: the data of several metrics.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
//!
//! COMPAT: expressions are refused. A page has as many data points as fit, metric by metric. One call looks
//! at a bounded amount of data: then the page ends, perhaps before it is full, and has a token.

use super::get_metric_statistics::span;
use crate::authorize::{Action, Resource};
use crate::cloudwatch::error::Error;
use crate::cloudwatch::reading::points;
use crate::cloudwatch::shapes::{
    ANYTHING, Given, INTEGER, MOMENT, MetricStat, QUERIES, QueryInput, SCAN_BY, TEXT, series,
};
use crate::cloudwatch::statistics::{Statistic, unit_code};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use base::Timestamp;
use std::collections::BTreeMap;
use wire::tree::{self, Fields};

pub(crate) struct GetMetricData;

wire::input! {
    /// What `GetMetricData` takes.
    pub(crate) struct Input {
        queries: Vec<QueryInput> = required audited "MetricDataQueries" QUERIES,
        start: Timestamp = required audited "StartTime" MOMENT,
        end: Timestamp = required audited "EndTime" MOMENT,
        next_token: Option<String> = "NextToken" TEXT,
        scan_by: Option<String> = audited "ScanBy" SCAN_BY,
        most: Option<i64> = audited "MaxDatapoints" INTEGER,
        labels: Option<Given> = "LabelOptions" ANYTHING,
    }
}

pub(crate) struct Output {
    results: Vec<Found>,
    next: Option<String>,
}

/// The data of one query, in the order that is asked for.
struct Found {
    id: String,
    label: String,
    points: Vec<(Timestamp, f64)>,
    is_complete: bool,
}

impl Operation for GetMetricData {
    const NAME: &'static str = "GetMetricData";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("cloudwatch:GetMetricData"), resource)?;

        input.check()?;
        let question = input.question();
        let listing = Listing {
            operation: Self::NAME,
            question: &[question.as_bytes()],
        };
        // Which query comes next, and how many of its data points were shown.
        let (first, shown): (u64, u64) = match &input.next_token {
            Some(token) => listing.cursor(cx, token)?,
            None => (0, 0),
        };
        let mut tx = cx.begin();
        let mut page = Page {
            room: input.page_size(),
            results: Vec::new(),
            rest: None,
        };
        let mut buckets = 0;
        let queries = (0_u64..).zip(&input.queries);
        for (number, query) in queries.skip_while(|(number, _)| *number < first) {
            let skipped = if number == first { shown } else { 0 };
            if buckets > MOST_BUCKETS {
                page.rest = Some((number, skipped));
                break;
            }
            let (found, looked_at) = input.look(cx, &mut tx, query).await?;
            buckets += looked_at;
            page.add(number, skipped, found);
            if page.rest.is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        let next = page.rest.map(|rest| listing.token(cx, &rest)).transpose()?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            results: page.results,
            next,
        }))
    }
}

/// The data of one answer.
struct Page {
    room: usize,
    results: Vec<Found>,
    rest: Option<(u64, u64)>,
}

impl Page {
    fn add(&mut self, number: u64, skipped: u64, mut found: Found) {
        let begin = usize::try_from(skipped)
            .unwrap_or(usize::MAX)
            .min(found.points.len());
        let mut points = found.points.split_off(begin);
        if points.len() > self.room {
            points.truncate(self.room);
            found.is_complete = false;
            self.rest = Some((number, skipped.saturating_add(points.len() as u64)));
        }
        self.room -= points.len();
        found.points = points;
        self.results.push(found);
    }
}

impl Input {
    fn check(&self) -> Result<(), Error> {
        if self.queries.is_empty() || self.queries.len() > MOST_QUERIES {
            return Err(Error::Validation(NO_QUERIES.to_owned()));
        }
        for (place, query) in self.queries.iter().enumerate() {
            let mut others = self.queries.iter().take(place);
            if others.any(|other| other.id == query.id) {
                return Err(Error::Validation(TWICE.to_owned()));
            }
            if query.expression.is_some() {
                return Err(Error::unsupported("An expression"));
            }
            if query.account.is_some() {
                return Err(Error::unsupported("AccountId"));
            }
        }
        Ok(())
    }

    /// What decides which data is shown, and in what order.
    fn question(&self) -> String {
        let mut question = format!(
            "{} {} {}",
            self.start.as_millis(),
            self.end.as_millis(),
            self.is_ascending()
        );
        for query in &self.queries {
            question.push('\n');
            question.push_str(&query.id);
            if let Some(stat) = &query.stat {
                question.push_str(&format!(" {} {}", stat.period, stat.stat));
            }
        }
        question
    }

    fn is_ascending(&self) -> bool {
        self.scan_by.as_deref() == Some("TimestampAscending")
    }

    fn page_size(&self) -> usize {
        let most = self.most.and_then(|most| usize::try_from(most).ok());
        most.filter(|most| *most > 0)
            .unwrap_or(MOST_POINTS)
            .min(MOST_POINTS)
    }

    /// The data of `query`, and how many buckets were looked at for it.
    async fn look(
        &self,
        cx: &Cx<'_>,
        tx: &mut Tx<'_>,
        query: &QueryInput,
    ) -> Result<(Found, usize), Error> {
        let stat = query
            .stat
            .as_ref()
            .ok_or(Error::Validation(NO_STAT.to_owned()))?;
        let MetricStat {
            metric,
            period,
            stat,
            unit,
        } = stat;
        let statistic = Statistic::parse(stat);
        let statistic = statistic.ok_or_else(|| Error::unsupported("An extended statistic"))?;
        let namespace = metric.namespace.as_deref().unwrap_or_default();
        let name = metric.name.as_deref().unwrap_or_default();
        let series = series(cx, namespace, name, metric.dimensions.as_deref());
        let unit = unit.as_deref().map(|unit| unit_code(Some(unit)));
        let span = span(self.start, self.end, *period)?;
        let mut merged = BTreeMap::new();
        let data = points(tx, &series, unit, span).await?;
        for ((second, _), values) in data.points {
            merged
                .entry(second)
                .and_modify(|all: &mut crate::cloudwatch::statistics::Aggregate| {
                    *all = all.with(values);
                })
                .or_insert(values);
        }
        let shown = merged.into_iter().map(|(second, values)| {
            let at = Timestamp::from_millis(second.saturating_mul(1_000));
            (at, statistic.of(&values))
        });
        let mut points: Vec<(Timestamp, f64)> = shown.collect();
        if !self.is_ascending() {
            points.reverse();
        }
        let found = Found {
            id: query.id.clone(),
            label: query.label.clone().unwrap_or_else(|| name.to_owned()),
            points: match query.returns {
                Some(false) => Vec::new(),
                _ => points,
            },
            is_complete: true,
        };
        Ok((found, data.buckets))
    }
}

impl tree::Output for Output {
    fn fields(&self) -> Fields {
        let results = self.results.iter().map(|found| {
            let status = match found.is_complete {
                true => "Complete",
                false => "PartialData",
            };
            Fields::default()
                .with("Id", &found.id)
                .with("Label", &found.label)
                .with_list("Timestamps", found.points.iter().map(|(at, _)| *at))
                .with_list("Values", found.points.iter().map(|(_, value)| *value))
                .with("StatusCode", status)
        });
        Fields::default()
            .with_list("MetricDataResults", results)
            .with_some("NextToken", self.next.as_ref())
            .with_list("Messages", Vec::<Fields>::new())
    }
}

const MOST_QUERIES: usize = 500;
const MOST_POINTS: usize = 100_800;
/// How many buckets one call looks at, but for the query that exceeds it.
const MOST_BUCKETS: usize = 1_000_000;
const NO_QUERIES: &str = "The parameter MetricDataQueries must have between 1 and 500 queries.";
const TWICE: &str = "The values for parameter id in MetricDataQueries are not unique.";
const NO_STAT: &str = "Exactly one of the fields MetricStat and Expression must be specified.";
