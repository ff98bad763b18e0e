//! `PutMetricAlarm`: makes an alarm, or replaces one.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
//!
//! COMPAT: a changed alarm is judged again at once; its state stays until then.

use crate::authorize::Action;
use crate::cloudwatch::alarm_id::{Target, alarms_counter};
use crate::cloudwatch::error::Error;
use crate::cloudwatch::records::{
    Alarm, AlarmState, Comparison, HistoryItem, HistoryKind, Treatment,
};
use crate::cloudwatch::shapes::{
    ACTIONS, ALARM, ANYTHING, ANYTHINGS, AT_LEAST_ONE, BOOLEAN, COMPARISON, DESCRIPTION,
    DIMENSIONS, DimensionInput, Given, INTEGER, NAME, NAMESPACE, NUMBER, STATISTIC, TAGS, TEXT,
    TagInput, UNIT, series,
};
use crate::cloudwatch::statistics::Statistic;
use crate::cloudwatch::transition::next_number;
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tags::{MAX_TAGS, Tags};
use crate::tx::{Reply, Tx};
use serde_json::json;
use store::Versioned;

pub(crate) struct PutMetricAlarm;

wire::input! {
    /// What `PutMetricAlarm` takes.
    pub(crate) struct Input {
        name: String = required audited "AlarmName" ALARM,
        description: Option<String> = audited "AlarmDescription" DESCRIPTION,
        actions_enabled: Option<bool> = audited "ActionsEnabled" BOOLEAN,
        ok_actions: Option<Vec<String>> = audited "OKActions" ACTIONS,
        alarm_actions: Option<Vec<String>> = audited "AlarmActions" ACTIONS,
        insufficient_data_actions: Option<Vec<String>> = audited "InsufficientDataActions" ACTIONS,
        metric: Option<String> = audited "MetricName" NAME,
        namespace: Option<String> = audited "Namespace" NAMESPACE,
        statistic: Option<String> = audited "Statistic" STATISTIC,
        extended: Option<String> = audited "ExtendedStatistic" TEXT,
        dimensions: Option<Vec<DimensionInput>> = audited "Dimensions" DIMENSIONS,
        period: Option<i64> = audited "Period" AT_LEAST_ONE,
        unit: Option<String> = audited "Unit" UNIT,
        evaluation_periods: Option<i64> = audited "EvaluationPeriods" AT_LEAST_ONE,
        datapoints_to_alarm: Option<i64> = audited "DatapointsToAlarm" AT_LEAST_ONE,
        threshold: Option<f64> = audited "Threshold" NUMBER,
        comparison: Option<String> = audited "ComparisonOperator" COMPARISON,
        missing: Option<String> = audited "TreatMissingData" NAME,
        low_samples: Option<String> = audited "EvaluateLowSampleCountPercentile" NAME,
        metrics: Option<Vec<Given>> = "Metrics" ANYTHINGS,
        tags: Option<Vec<TagInput>> = audited "Tags" TAGS,
        threshold_metric: Option<String> = audited "ThresholdMetricId" NAME,
        window: Option<Given> = "EvaluationWindow" ANYTHING,
        warm_up: Option<Given> = "WarmUpConfiguration" ANYTHING,
        criteria: Option<Given> = "EvaluationCriteria" ANYTHING,
        interval: Option<i64> = audited "EvaluationInterval" INTEGER,
        propagation: Option<Given> = "ActionConfiguration" ANYTHING,
    }
}

impl Operation for PutMetricAlarm {
    const NAME: &'static str = "PutMetricAlarm";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, &input.name).await?;
        let tags = input.tags.as_ref().map(|tags| {
            let pairs = tags.iter();
            pairs.map(|tag| (tag.key.as_str(), tag.value.as_str()))
        });
        let keys = Keys::none().opt_tags(tags);
        let permit = target.permit(cx, Action("cloudwatch:PutMetricAlarm"), &keys)?;

        let found = target.found(&permit);
        let alarm = input.alarm(cx, found)?;
        let state = state_of(&mut tx, &alarm).await?;
        let mut lent = tx.lend();
        let item = history(lent.derive(), cx, &alarm, found.is_some()).await?;
        let mut tx = lent.into_tx();
        tx.insert(&permit, item);
        match state {
            Some(state) => {
                let due = AlarmState {
                    due: Some(cx.now()),
                    ..AlarmState::clone(&state.record)
                };
                tx.update(&permit, due, state.rev);
            }
            None => tx.insert(&permit, AlarmState::of_new(&alarm, cx.now())),
        }
        match found {
            Some(found) => tx.update(&permit, alarm, found.rev),
            None => {
                let counter = alarms_counter(cx.account(), cx.region);
                tx.count(&permit, &counter, 1, Some(MOST_ALARMS));
                tx.insert(&permit, alarm);
            }
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

async fn state_of(tx: &mut Tx<'_>, alarm: &Alarm) -> Result<Option<Versioned<AlarmState>>, Error> {
    let series = &alarm.series;
    let key = AlarmState::key_of(&series.account, &series.region, &alarm.name);
    Ok(tx.get::<AlarmState>(&key).await?)
}

async fn history(
    tx: &mut crate::tx::Deriving<'_>,
    cx: &Cx<'_>,
    alarm: &Alarm,
    is_old: bool,
) -> Result<HistoryItem, Error> {
    let number = next_number(tx, alarm, cx.now()).await?;
    let (what, kind) = if is_old {
        ("updated", "Update")
    } else {
        ("created", "Create")
    };
    let summary: String = format!("Alarm \"{}\" {what}", alarm.name);
    let summary = summary.chars().take(255).collect();
    let data = json!({ "version": "1.0", "type": kind });
    let kind = HistoryKind::ConfigurationUpdate;
    Ok(HistoryItem::of(
        alarm,
        cx.now(),
        number,
        kind,
        summary,
        &data,
    ))
}

impl Input {
    fn alarm(&self, cx: &Cx<'_>, found: Option<&Versioned<Alarm>>) -> Result<Alarm, Error> {
        self.refuse_unsupported()?;
        let required =
            |name: &'static str| move || Error::Validation(format!("{name} must be specified"));
        let period = self.period.ok_or_else(required("Period"))?;
        let evaluated = self
            .evaluation_periods
            .ok_or_else(required("EvaluationPeriods"))?;
        check_time(period, evaluated, self.datapoints_to_alarm)?;
        let metric = self.metric.as_deref().ok_or_else(required("MetricName"))?;
        let namespace = self
            .namespace
            .as_deref()
            .ok_or_else(required("Namespace"))?;
        let statistic = self.statistic.as_deref().and_then(Statistic::parse);
        let comparison = self
            .comparison
            .as_deref()
            .ok_or_else(required("ComparisonOperator"))?;
        let comparison = Comparison::parse(comparison);
        let missing = self.missing.as_deref().map(|name| {
            let missing = Treatment::parse(name);
            missing.ok_or_else(|| Error::Validation(NO_TREATMENT.to_owned()))
        });
        // COMPAT: tags that come with a change are not taken, as on AWS.
        let mut tags = found.map_or_else(Tags::default, |found| found.record.tags.clone());
        if found.is_none() {
            let given = self.tags.iter().flatten();
            let pairs = given.map(|tag| (Some(tag.key.clone()), tag.value.clone()));
            tags.set_distinct(MAX_TAGS, pairs)?;
        }
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Alarm {
            name: self.name.clone(),
            description: self.description.clone(),
            updated: cx.now(),
            actions_enabled: self.actions_enabled.unwrap_or(true),
            ok_actions: topics(cx, self.ok_actions.as_deref())?,
            alarm_actions: topics(cx, self.alarm_actions.as_deref())?,
            insufficient_data_actions: topics(cx, self.insufficient_data_actions.as_deref())?,
            series: series(cx, namespace, metric, self.dimensions.as_deref()),
            statistic: statistic.ok_or_else(required("Statistic"))?,
            period,
            unit: self.unit.clone(),
            evaluation_periods: count(evaluated),
            datapoints_to_alarm: self.datapoints_to_alarm.map(count),
            threshold: self.threshold.ok_or_else(required("Threshold"))?,
            comparison: comparison
                .ok_or_else(|| Error::unsupported("A band of anomaly detection"))?,
            missing: missing.transpose()?,
            tags,
        })
    }

    fn refuse_unsupported(&self) -> Result<(), Error> {
        if self
            .metrics
            .as_ref()
            .is_some_and(|metrics| !metrics.is_empty())
        {
            return Err(Error::unsupported("An alarm on an expression"));
        }
        if self.extended.is_some() || self.low_samples.is_some() {
            return Err(Error::unsupported(
                "A percentile or another extended statistic",
            ));
        }
        if self.threshold_metric.is_some() {
            return Err(Error::unsupported("A band of anomaly detection"));
        }
        let others = [
            self.window.is_some(),
            self.warm_up.is_some(),
            self.criteria.is_some(),
            self.interval.is_some(),
            self.propagation.is_some(),
        ];
        match others.contains(&true) {
            true => Err(Error::unsupported(
                "An alarm with a window, a warm-up, criteria, an interval or propagated tags",
            )),
            false => Ok(()),
        }
    }
}

fn check_time(period: i64, evaluated: i64, to_alarm: Option<i64>) -> Result<(), Error> {
    let refuse = |text: &str| Err(Error::Validation(text.to_owned()));
    if period % 60 != 0 {
        return refuse(NO_MINUTES);
    }
    let whole = period.saturating_mul(evaluated);
    if period < 3_600 && whole > 86_400 {
        return refuse(MORE_THAN_A_DAY);
    }
    if whole > 7 * 86_400 {
        return refuse(MORE_THAN_A_WEEK);
    }
    if to_alarm.is_some_and(|to_alarm| to_alarm > evaluated) {
        return refuse(TOO_MANY_DATAPOINTS);
    }
    Ok(())
}

/// The topics that actions name.
fn topics(cx: &Cx<'_>, actions: Option<&[String]>) -> Result<Vec<String>, Error> {
    let sns = format!("arn:{}:sns:", cx.region.partition());
    let actions = actions.unwrap_or_default();
    for action in actions {
        let parts: Vec<&str> = action.splitn(6, ':').collect();
        let ["arn", _, service, _, _, _] = parts.as_slice() else {
            return Err(Error::Validation(format!("Invalid arn syntax: {action}")));
        };
        if *service != "sns" || !action.starts_with(&sns) {
            return Err(Error::unsupported("An action other than an SNS topic"));
        }
    }
    Ok(actions.to_vec())
}

const MOST_ALARMS: i64 = 5_000;
const NO_MINUTES: &str =
    "Period must be a multiple of 60: data of high resolution is not kept by this server";
const MORE_THAN_A_DAY: &str = "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).";
const MORE_THAN_A_WEEK: &str = "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).";
const TOO_MANY_DATAPOINTS: &str =
    "DatapointsToAlarm must be less than or equal to EvaluationPeriods";
const NO_TREATMENT: &str =
    "TreatMissingData must be one of breaching, notBreaching, ignore or missing";
