//! `DescribeAlarmsForMetric`: the alarms of one metric.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html>

use crate::authorize::{Action, Resource};
use crate::cloudwatch::alarm_id::arn;
use crate::cloudwatch::alarm_view::{Shown, metric_alarm, with_state};
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::Alarm;
use crate::cloudwatch::shapes::{
    AT_LEAST_ONE, DIMENSIONS, DimensionInput, NAME, NAMESPACE, STATISTIC, TEXT, UNIT, series,
};
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;
use wire::tree::{self, Fields};

pub(crate) struct DescribeAlarmsForMetric;

wire::input! {
    /// What `DescribeAlarmsForMetric` takes.
    pub(crate) struct Input {
        metric: String = required audited "MetricName" NAME,
        namespace: String = required audited "Namespace" NAMESPACE,
        statistic: Option<String> = audited "Statistic" STATISTIC,
        extended: Option<String> = audited "ExtendedStatistic" TEXT,
        dimensions: Option<Vec<DimensionInput>> = audited "Dimensions" DIMENSIONS,
        period: Option<i64> = audited "Period" AT_LEAST_ONE,
        unit: Option<String> = audited "Unit" UNIT,
    }
}

pub(crate) struct Output(Vec<Shown>);

impl Operation for DescribeAlarmsForMetric {
    const NAME: &'static str = "DescribeAlarmsForMetric";
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<Output>, Error> {
        let resource = Resource::named(cx.account(), arn(cx.account(), cx.region, "*"));
        let permit = cx.authorize(Action("cloudwatch:DescribeAlarmsForMetric"), resource)?;

        let mut tx = cx.begin();
        let series = series(
            cx,
            &input.namespace,
            &input.metric,
            input.dimensions.as_deref(),
        );
        let mut alarms = Vec::new();
        for found in tx.query::<Alarm>(&Alarm::of_series(&series, MOST)).await? {
            if input.admits(&found.record) {
                alarms.extend(with_state(&mut tx, found.record).await?);
            }
        }
        let recorded = tx.finish(cx.event(&permit)).await?;

        Ok(recorded.reply(Output(alarms)))
    }
}

impl Input {
    fn admits(&self, alarm: &Alarm) -> bool {
        let statistic = self.statistic.as_deref();
        statistic.is_none_or(|name| name == alarm.statistic.name())
            && self.extended.is_none()
            && self.period.is_none_or(|period| period == alarm.period)
            && (self.unit.is_none() || self.unit == alarm.unit)
    }
}

impl tree::Output for Output {
    fn fields(&self) -> Fields {
        Fields::default().with_list("MetricAlarms", self.0.iter().map(metric_alarm))
    }
}

const MOST: usize = 5_000;
