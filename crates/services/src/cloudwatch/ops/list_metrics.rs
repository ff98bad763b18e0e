//! `ListMetrics`: the metrics of an account in a Region that had data in the last two weeks.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>

use crate::authorize::{Action, Resource};
use crate::cloudwatch::alarm_view::dimensions;
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::Metric;
use crate::cloudwatch::shapes::{
    BOOLEAN, DIMENSION_FILTERS, DimensionFilter, NAME, NAMESPACE, RECENT, TEXT,
};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::paging::Listing;
use crate::tx::Reply;
use std::sync::Arc;
use store::{Query, Value};
use wire::tree::{self, Fields};

pub(crate) struct ListMetrics;

wire::input! {
    /// What `ListMetrics` takes.
    pub(crate) struct Input {
        namespace: Option<String> = audited "Namespace" NAMESPACE,
        name: Option<String> = audited "MetricName" NAME,
        dimensions: Option<Vec<DimensionFilter>> = audited "Dimensions" DIMENSION_FILTERS,
        next_token: Option<String> = "NextToken" TEXT,
        recent: Option<String> = audited "RecentlyActive" RECENT,
        linked: Option<bool> = audited "IncludeLinkedAccounts" BOOLEAN,
        owner: Option<String> = audited "OwningAccount" NAME,
    }
}

pub(crate) struct Output {
    metrics: Vec<Arc<Metric>>,
    next: Option<String>,
}

impl Operation for ListMetrics {
    const NAME: &'static str = "ListMetrics";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("cloudwatch:ListMetrics"), resource)?;

        if input.linked == Some(true) || input.owner.is_some() {
            return Err(Error::unsupported("IncludeLinkedAccounts"));
        }
        let mut tx = cx.begin();
        let question =
            [&input.namespace, &input.name].map(|part| part.as_deref().unwrap_or_default());
        let listing = Listing {
            operation: Self::NAME,
            question: &question.map(str::as_bytes),
        };
        let mut query = input.query(cx);
        if let Some(token) = &input.next_token {
            let after: [String; 3] = listing.cursor(cx, token)?;
            let skipped = usize::from(input.namespace.is_some())
                + usize::from(input.namespace.is_some() && input.name.is_some());
            query = query.after(after.iter().skip(skipped).map(Value::from).collect());
        }
        let found = tx.query::<Metric>(&query).await?;
        let mut metrics: Vec<_> = found.into_iter().map(|found| found.record).collect();
        let has_more = metrics.len() > PAGE;
        metrics.truncate(PAGE);
        let last = metrics.last().filter(|_| has_more).map(|last| {
            let series = &last.series;
            [series.namespace.clone(), series.name.clone(), series.id()]
        });
        let next = last.map(|last| listing.token(cx, &last)).transpose()?;
        // A page with conditions may be short.
        metrics.retain(|metric| input.admits(cx, metric));
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output { metrics, next }))
    }
}

impl Input {
    fn query(&self, cx: &Cx<'_>) -> Query {
        let query = Query::primary(PAGE + 1)
            .equal(cx.account())
            .equal(cx.region);
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => query.equal(namespace.as_str()).equal(name.as_str()),
            (Some(namespace), None) => query.equal(namespace.as_str()),
            (None, _) => query,
        }
    }

    fn admits(&self, cx: &Cx<'_>, metric: &Metric) -> bool {
        let series = &metric.series;
        let has = |filter: &DimensionFilter| {
            series.dimensions.iter().any(|(name, value)| {
                *name == filter.name && filter.value.as_ref().is_none_or(|wanted| wanted == value)
            })
        };
        let since = match self.recent {
            Some(_) => cx.now().plus_seconds(-RECENT_SECONDS),
            None => cx.now().plus_days(-14),
        };
        // Noted by the hour.
        metric.last.plus_seconds(3_600) >= since
            && self.name.as_ref().is_none_or(|name| *name == series.name)
            && self.dimensions.iter().flatten().all(has)
    }
}

impl tree::Output for Output {
    fn fields(&self) -> Fields {
        let metrics = self.metrics.iter().map(|metric| {
            Fields::default()
                .with("Namespace", &metric.series.namespace)
                .with("MetricName", &metric.series.name)
                .with_list("Dimensions", dimensions(&metric.series))
        });
        Fields::default()
            .with_list("Metrics", metrics)
            .with_some("NextToken", self.next.as_ref())
    }
}

const PAGE: usize = 500;
const RECENT_SECONDS: i64 = 3 * 3_600;
