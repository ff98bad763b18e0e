//! `PutMetricFilter`: has the matching lines of a group counted, from now on.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html>

use crate::authorize::Action;
use crate::cx::Cx;
use crate::logs::error::Error;
use crate::logs::filtering::{MOST_FILTERS, fit};
use crate::logs::group_id::Target;
use crate::logs::records::{LogGroup, MetricFilter, Transformation};
use crate::logs::shapes::{
    BOOLEAN, FILTER, FILTER_NAME, GROUP, SELECTION, SYSTEM_FIELDS, TRANSFORMATIONS,
    TransformationInput,
};
use crate::operation::Operation;
use crate::tx::Reply;
use base::Timestamp;
use patterns::filter::{MetricSource, Pattern, Source};

pub(crate) struct PutMetricFilter;

wire::input! {
    /// What `PutMetricFilter` takes.
    pub(crate) struct Input {
        group: String = required audited "logGroupName" GROUP,
        name: String = required audited "filterName" FILTER_NAME,
        pattern: String = required audited "filterPattern" FILTER,
        transformations: Vec<TransformationInput> = required audited "metricTransformations" TRANSFORMATIONS,
        on_transformed: Option<bool> = audited "applyOnTransformedLogs" BOOLEAN,
        selection: Option<String> = audited "fieldSelectionCriteria" SELECTION,
        system_fields: Option<Vec<String>> = audited "emitSystemFieldDimensions" SYSTEM_FIELDS,
    }
}

impl Operation for PutMetricFilter {
    const NAME: &'static str = "PutMetricFilter";
    type Input = Input;
    type Output = ();
    type Error = Error;

    async fn run(cx: &Cx<'_>, input: &Input) -> Result<Reply<()>, Error> {
        let mut tx = cx.begin();
        let target = Target::find(cx, &mut tx, Some(&input.group), None).await?;
        let permit = target.permit(cx, Action("logs:PutMetricFilter"), None)?;

        let group = target.existing(&permit)?;
        let filter = input.filter(cx, group)?;
        let of_group = MetricFilter::of_group(group, MOST_FILTERS);
        let mut others = tx.query::<MetricFilter>(&of_group).await?;
        let place = others.iter().position(|one| one.record.name == filter.name);
        let found = place.map(|place| others.swap_remove(place));
        let others = others.iter().map(|one| &*one.record);
        if !fit(others.chain([&filter])) {
            return Err(Error::LimitExceeded);
        }
        match found {
            Some(found) => tx.update(&permit, filter, found.rev),
            None => tx.insert(&permit, filter),
        }
        let recorded = tx.commit(cx.event(&permit)).await?;

        Ok(recorded.reply(()))
    }
}

impl Input {
    fn filter(&self, cx: &Cx<'_>, group: &LogGroup) -> Result<MetricFilter, Error> {
        if self.on_transformed == Some(true) {
            return Err(Error::unsupported("applyOnTransformedLogs"));
        }
        if self
            .selection
            .as_deref()
            .is_some_and(|text| !text.is_empty())
        {
            return Err(Error::unsupported("fieldSelectionCriteria"));
        }
        if self
            .system_fields
            .as_ref()
            .is_some_and(|fields| !fields.is_empty())
        {
            return Err(Error::unsupported("emitSystemFieldDimensions"));
        }
        let pattern = compiled(&self.pattern)?;
        let given = self
            .transformations
            .first()
            .ok_or_else(|| invalid("there is none"))?;
        let now: Timestamp = cx.now();
        Ok(MetricFilter {
            account: group.account.clone(),
            region: group.region.clone(),
            group: group.name.clone(),
            name: self.name.clone(),
            pattern: self.pattern.clone(),
            transformation: given.transformation(&pattern)?,
            created: now,
        })
    }
}

impl TransformationInput {
    fn transformation(&self, pattern: &Pattern) -> Result<Transformation, Error> {
        if self.namespace.starts_with("AWS/") {
            return Err(invalid("a namespace that begins with AWS/ is AWS's"));
        }
        if self.metric.is_empty() || self.namespace.is_empty() {
            return Err(invalid("a metric has a name and a namespace"));
        }
        let value = MetricSource::parse(&self.value);
        let value = value.map_err(|error| invalid(&format!("metricValue: {error}")))?;
        if let MetricSource::Taken(source) = &value
            && !pattern.offers(source)
        {
            return Err(invalid(
                "the filter pattern has nothing that metricValue names",
            ));
        }
        let dimensions = self.dimensions.iter().flatten();
        let dimensions: Vec<(String, String)> = dimensions
            .map(|(name, source)| (name.clone(), source.clone()))
            .collect();
        if dimensions.len() > MOST_DIMENSIONS {
            return Err(invalid("there are more than three dimensions"));
        }
        if !dimensions.is_empty() && self.default.is_some() {
            return Err(invalid(
                "dimensions and default value are mutually exclusive properties",
            ));
        }
        for (name, source) in &dimensions {
            let source = Source::parse(source);
            let is_offered = source.is_ok_and(|source| pattern.offers(&source));
            if name.is_empty() || !is_offered {
                return Err(invalid("a dimension is no field of the filter pattern"));
            }
        }
        Ok(Transformation {
            namespace: self.namespace.clone(),
            metric: self.metric.clone(),
            value: self.value.clone(),
            default: self.default,
            dimensions,
            unit: self.unit.clone(),
        })
    }
}

/// The pattern of a metric filter.
///
/// # Errors
/// [`Error::InvalidParameter`], with where it is malformed.
pub(super) fn compiled(pattern: &str) -> Result<Pattern, Error> {
    Pattern::parse(pattern)
        .map_err(|error| Error::InvalidParameter(format!("Invalid metric filter pattern: {error}")))
}

fn invalid(why: &str) -> Error {
    Error::InvalidParameter(format!("Invalid metric transformation: {why}."))
}

const MOST_DIMENSIONS: usize = 3;
