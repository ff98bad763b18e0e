//! `DescribeMetricFilters`: the metric filters of a group, of a metric, or of an account in a Region.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html>

use crate::authorize::{Action, Permit, Resource};
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::group_id::{Target, stream_arn};
use crate::logs::records::MetricFilter;
use crate::logs::shapes::{DESCRIBED, FILTER_NAME, GROUP, METRIC, TOKEN};
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::{Reply, Tx};
use std::sync::Arc;
use store::{Query, Value};
use wire::json;

pub(crate) struct DescribeMetricFilters;

wire::input! {
    /// What `DescribeMetricFilters` takes.
    pub(crate) struct Input {
        group: Option<String> = audited "logGroupName" GROUP,
        prefix: Option<String> = audited "filterNamePrefix" FILTER_NAME,
        next_token: Option<String> = "nextToken" TOKEN,
        limit: Option<i64> = audited "limit" DESCRIBED,
        metric: Option<String> = audited "metricName" METRIC,
        namespace: Option<String> = audited "metricNamespace" METRIC,
    }
}

pub(crate) struct Output {
    filters: Vec<Arc<MetricFilter>>,
    next: Option<String>,
}

impl Operation for DescribeMetricFilters {
    const NAME: &'static str = "DescribeMetricFilters";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let mut tx = cx.begin();
        let permit = input.permit(cx, &mut tx).await?;
        let question = input.question();
        let question: Vec<&[u8]> = question.iter().map(|part| part.as_bytes()).collect();
        let listing = Listing {
            operation: Self::NAME,
            question: &question,
        };
        let size = input.limit.and_then(|limit| usize::try_from(limit).ok());
        let size = size.unwrap_or(LARGEST_PAGE);
        let mut query = input.query(cx, size + 1)?;
        if let Some(token) = &input.next_token {
            let (group, name): (String, String) = listing.cursor(cx, token)?;
            query = query.after(input.place(&group, &name));
        }
        let found = tx.query::<MetricFilter>(&query).await?;
        let mut filters: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = filters.len() > size;
        filters.truncate(size);
        let last = filters.last().filter(|_| has_more);
        let next = last
            .map(|last| listing.token(cx, &(&last.group, &last.name)))
            .transpose()?;
        // A page with a prefix may be short where that is not the order.
        let prefix = input.prefix.as_deref().unwrap_or_default();
        filters.retain(|filter| filter.name.starts_with(prefix));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { filters, next }))
    }
}

impl Input {
    async fn permit(&self, cx: &Cx<'_>, tx: &mut Tx<'_>) -> Result<Permit, Error> {
        const ACTION: Action = Action("logs:DescribeMetricFilters");
        let Some(name) = &self.group else {
            let arn = stream_arn(cx.account(), cx.region, "", "");
            return Ok(cx.authorize(ACTION, Resource::named(cx.account(), arn))?);
        };
        let target = Target::find(cx, tx, Some(name), None).await?;
        let permit = target.permit(cx, ACTION, None)?;
        target.existing(&permit)?;
        Ok(permit)
    }

    /// What decides the list and its order.
    fn question(&self) -> [&str; 4] {
        [&self.group, &self.prefix, &self.metric, &self.namespace]
            .map(|part| part.as_deref().unwrap_or_default())
    }

    fn query(&self, cx: &Cx<'_>, limit: usize) -> Result<Query, Error> {
        match (&self.group, &self.metric, &self.namespace) {
            (None, Some(metric), Some(namespace)) => Ok(MetricFilter::of_metric(
                cx.account(),
                cx.region,
                namespace,
                metric,
                limit,
            )),
            (group, None, None) => {
                let query = Query::primary(limit).equal(cx.account()).equal(cx.region);
                Ok(match group {
                    Some(group) => query
                        .equal(group.as_str())
                        .starting_with(self.prefix.as_deref().unwrap_or_default()),
                    None => query,
                })
            }
            _ => Err(Error::InvalidParameter(METRIC_ALONE.to_owned())),
        }
    }

    fn place(&self, group: &str, name: &str) -> Vec<Value> {
        match self.group {
            Some(_) => vec![Value::from(name)],
            None => vec![Value::from(group), Value::from(name)],
        }
    }
}

impl json::Output for Output {
    fn write(&self, object: &mut json::Object<'_>) {
        object.objects("metricFilters", &self.filters, |filter, entry| {
            entry.text("filterName", &filter.name);
            entry.text("filterPattern", &filter.pattern);
            entry.objects(
                "metricTransformations",
                [&filter.transformation],
                |one, entry| {
                    entry.text("metricName", &one.metric);
                    entry.text("metricNamespace", &one.namespace);
                    entry.text("metricValue", &one.value);
                    if let Some(default) = one.default {
                        entry.double("defaultValue", default);
                    }
                    if !one.dimensions.is_empty() {
                        entry.object("dimensions", |map| {
                            for (name, source) in &one.dimensions {
                                map.text(name, source);
                            }
                        });
                    }
                    entry.opt_text("unit", one.unit.as_deref());
                },
            );
            entry.integer("creationTime", filter.created.as_millis());
            entry.text("logGroupName", &filter.group);
            entry.boolean("applyOnTransformedLogs", false);
        });
        object.opt_text("nextToken", self.next.as_deref());
    }
}

const LARGEST_PAGE: usize = 50;
const METRIC_ALONE: &str =
    "metricName and metricNamespace are given together, and without logGroupName.";
