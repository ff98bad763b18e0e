//! `GetMetricStatistics`: what a metric's data was in each period of a time.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>

use crate::authorize::{Action, Resource};
use crate::cloudwatch::error::Error;
use crate::cloudwatch::reading::{Data, Points, Span, points};
use crate::cloudwatch::shapes::{
    AT_LEAST_ONE, DIMENSIONS, DimensionInput, EXTENDED, MOMENT, NAME, NAMESPACE, STATISTICS, UNIT,
    series,
};
use crate::cloudwatch::statistics::{Statistic, unit_code, unit_name};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use base::Timestamp;
use wire::tree::{self, Fields};

pub(crate) struct GetMetricStatistics;

wire::input! {
    /// What `GetMetricStatistics` takes.
    pub(crate) struct Input {
        namespace: String = required audited "Namespace" NAMESPACE,
        name: String = required audited "MetricName" NAME,
        dimensions: Option<Vec<DimensionInput>> = audited "Dimensions" DIMENSIONS,
        start: Timestamp = required audited "StartTime" MOMENT,
        end: Timestamp = required audited "EndTime" MOMENT,
        period: i64 = required audited "Period" AT_LEAST_ONE,
        statistics: Option<Vec<String>> = audited "Statistics" STATISTICS,
        extended: Option<Vec<String>> = audited "ExtendedStatistics" EXTENDED,
        unit: Option<String> = audited "Unit" UNIT,
    }
}

pub(crate) struct Output {
    label: String,
    statistics: Vec<Statistic>,
    points: Points,
}

impl Operation for GetMetricStatistics {
    const NAME: &'static str = "GetMetricStatistics";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::none(cx.account());
        let permit = cx.authorize(Action("cloudwatch:GetMetricStatistics"), resource)?;

        let span = span(input.start, input.end, input.period)?;
        let statistics = input.statistics()?;
        if (span.end - span.start) / span.period > MOST_POINTS {
            return Err(Error::InvalidCombination(TOO_MANY.to_owned()));
        }
        let series = series(
            cx,
            &input.namespace,
            &input.name,
            input.dimensions.as_deref(),
        );
        let unit = input.unit.as_deref().map(|unit| unit_code(Some(unit)));
        let mut tx = cx.begin();
        let Data { points, .. } = points(&mut tx, &series, unit, span).await?;
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output {
            label: input.name.clone(),
            statistics,
            points,
        }))
    }
}

impl Input {
    fn statistics(&self) -> Result<Vec<Statistic>, Error> {
        if self.extended.as_ref().is_some_and(|list| !list.is_empty()) {
            return Err(Error::unsupported(
                "A percentile or another extended statistic",
            ));
        }
        let names = self.statistics.as_deref().unwrap_or_default().iter();
        let statistics: Vec<_> = names.filter_map(|name| Statistic::parse(name)).collect();
        match statistics.is_empty() {
            true => Err(Error::InvalidCombination(NO_STATISTIC.to_owned())),
            false => Ok(statistics),
        }
    }
}

/// The time that is asked for: it begins with a whole minute, as AWS rounds it.
///
/// # Errors
/// [`Error::InvalidCombination`] for one that ends before it begins; [`Error::InvalidValue`] for a
/// period that is not of whole minutes.
pub(super) fn span(start: Timestamp, end: Timestamp, period: i64) -> Result<Span, Error> {
    if period % 60 != 0 {
        return Err(Error::InvalidValue(NO_MINUTES.to_owned()));
    }
    if start >= end {
        return Err(Error::InvalidValue(NO_TIME.to_owned()));
    }
    let (start, end) = (start.as_millis(), end.as_millis());
    let start = start.div_euclid(60_000).saturating_mul(60);
    Ok(Span {
        start,
        end: end.div_euclid(1_000).max(start + 1),
        period,
    })
}

impl tree::Output for Output {
    fn fields(&self) -> Fields {
        let points = self.points.iter().map(|((second, unit), values)| {
            let at = Timestamp::from_millis(second.saturating_mul(1_000));
            let shown = Fields::default().with("Timestamp", at);
            let shown = self.statistics.iter().fold(shown, |shown, statistic| {
                shown.with(statistic.name(), statistic.of(values))
            });
            shown.with("Unit", unit_name(*unit))
        });
        Fields::default()
            .with("Label", &self.label)
            .with_list("Datapoints", points)
    }
}

const MOST_POINTS: i64 = 1_440;
const TOO_MANY: &str = "You have requested more data points than the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.";
const NO_STATISTIC: &str =
    "At least one of the parameters Statistics and ExtendedStatistics must be specified.";
const NO_MINUTES: &str = "The parameter Period must be a multiple of 60: data of high resolution is not kept by this server.";
const NO_TIME: &str = "The parameter StartTime must be less than the parameter EndTime.";
