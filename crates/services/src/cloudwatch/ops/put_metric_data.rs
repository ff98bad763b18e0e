//! `PutMetricData`: adds data to metrics.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
//!
//! COMPAT: all of a request is added or nothing. Data of high resolution is kept by the minute.

use crate::authorize::{Action, Resource};
use crate::cloudwatch::error::Error;
use crate::cloudwatch::shapes::{
    ANYTHINGS, BOOLEAN, DATA, DatumInput, Given, NAMESPACE, StatisticSet, series,
};
use crate::cloudwatch::statistics::{Aggregate, unit_code};
use crate::cloudwatch::storing::{BySeries, Point, is_admitted, store};
use crate::context::Keys;
use crate::cx::Cx;
use crate::operation::Operation;
use crate::tx::Reply;

pub(crate) struct PutMetricData;

wire::input! {
    /// What `PutMetricData` takes.
    pub(crate) struct Input {
        namespace: String = required audited "Namespace" NAMESPACE,
        data: Option<Vec<DatumInput>> = audited "MetricData" DATA,
        entities: Option<Vec<Given>> = "EntityMetricData" ANYTHINGS,
        is_strict: Option<bool> = "StrictEntityValidation" BOOLEAN,
    }
}

impl Operation for PutMetricData {
    const NAME: &'static str = "PutMetricData";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let keys = Keys::none().text("cloudwatch:namespace", input.namespace.as_str());
        let resource = Resource::none(cx.account());
        let permit = cx.authorize_with(Action("cloudwatch:PutMetricData"), resource, &keys)?;

        let points = input.points(cx)?;
        let mut lent = cx.begin().lend();
        store(&permit, lent.derive(), cx.now(), points).await?;
        let recorded = lent.into_tx().commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

impl Input {
    fn points(&self, cx: &Cx<'_>) -> Result<BySeries, Error> {
        if self.namespace.starts_with("AWS/") {
            return Err(Error::InvalidValue(RESERVED.to_owned()));
        }
        if self
            .entities
            .as_ref()
            .is_some_and(|given| !given.is_empty())
        {
            return Err(Error::unsupported("EntityMetricData"));
        }
        let data = self.data.as_deref().unwrap_or_default();
        if data.is_empty() {
            return Err(Error::MissingParameter("MetricData"));
        }
        if data.len() > MOST_DATA {
            return Err(Error::InvalidValue(TOO_MANY.to_owned()));
        }
        let mut points = BySeries::new();
        for datum in data {
            let at = datum.at.unwrap_or(cx.now());
            if !is_admitted(at, cx.now()) {
                return Err(Error::InvalidValue(NOT_IN_TIME.to_owned()));
            }
            if !matches!(datum.resolution, None | Some(1 | 60)) {
                return Err(Error::InvalidValue(RESOLUTION.to_owned()));
            }
            let series = series(
                cx,
                &self.namespace,
                &datum.name,
                datum.dimensions.as_deref(),
            );
            let unit = unit_code(datum.unit.as_deref());
            let Some(values) = datum.aggregate()? else {
                continue;
            };
            points
                .entry(series)
                .or_default()
                .push(Point { at, unit, values });
        }
        Ok(points)
    }
}

impl DatumInput {
    /// What it says, in one of the three ways. `None`: values that were counted no times.
    fn aggregate(&self) -> Result<Option<Aggregate>, Error> {
        let values = self.values.as_deref().unwrap_or_default();
        let counts = self.counts.as_deref().unwrap_or_default();
        match (self.value, &self.set, values) {
            (Some(value), None, []) => Ok(Some(Aggregate::of(value, 1.0))),
            (None, Some(set), []) => set.aggregate().map(Some),
            (None, None, []) => Err(Error::MissingParameter("MetricData.member.1.Value")),
            (None, None, values) => {
                if values.len() > MOST_VALUES
                    || (!counts.is_empty() && counts.len() != values.len())
                {
                    return Err(Error::InvalidCombination(COUNTS.to_owned()));
                }
                let counts = counts.iter().copied().chain(std::iter::repeat(1.0));
                let counted = values.iter().zip(counts).filter(|(_, count)| *count > 0.0);
                let each = counted.map(|(value, count)| Aggregate::of(*value, count));
                Ok(each.reduce(Aggregate::with))
            }
            _ => Err(Error::InvalidCombination(ONE_WAY.to_owned())),
        }
    }
}

impl StatisticSet {
    fn aggregate(&self) -> Result<Aggregate, Error> {
        if self.count <= 0.0 || self.min > self.max {
            return Err(Error::InvalidValue(NO_SET.to_owned()));
        }
        Ok(Aggregate {
            count: self.count,
            sum: self.sum,
            min: self.min,
            max: self.max,
        })
    }
}

const MOST_DATA: usize = 1_000;
const MOST_VALUES: usize = 150;
const RESERVED: &str = "The value AWS/ for parameter Namespace is invalid.";
const TOO_MANY: &str = "The collection MetricData must not have a size greater than 1000.";
const NOT_IN_TIME: &str =
    "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.";
const RESOLUTION: &str = "The parameter MetricData.member.1.StorageResolution must be 1 or 60.";
const COUNTS: &str = "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size, of no more than 150.";
const ONE_WAY: &str = "The parameters MetricData.member.1.Value, MetricData.member.1.Values and MetricData.member.1.StatisticValues are mutually exclusive and you have specified more than one.";
const NO_SET: &str = "The parameter MetricData.member.1.StatisticValues is no set of statistics.";
