//! What metric filters make of lines.

use super::records::{MetricFilter, Transformation};
use crate::ports::MetricDatum;
use base::Timestamp;
use patterns::filter::{Cost, Event, MetricSource, Pattern, Source};
use std::collections::BTreeMap;
use store::Versioned;

/// The data points that `filters` make of `events`.
///
/// A pattern that cannot be read any more counts nothing: it was compiled when it was taken.
pub(super) fn data(
    filters: &[Versioned<MetricFilter>],
    events: &[(Timestamp, String)],
) -> Vec<MetricDatum> {
    if filters.is_empty() {
        return Vec::new();
    }
    let events: Vec<(Timestamp, Event<'_>)> = events
        .iter()
        .map(|(at, message)| (*at, Event::new(message)))
        .collect();
    filters
        .iter()
        .filter_map(|filter| Compiled::of(&filter.record))
        .flat_map(|compiled| compiled.data(&events))
        .collect()
}

/// Whether one group may have all of `filters`.
///
/// SECURITY: what is appended to a group is matched in the request that appends it. So much as one batch
/// is gone through is bounded for all filters of a group together, not for each.
pub(super) fn fit<'a>(filters: impl Iterator<Item = &'a MetricFilter>) -> bool {
    let costs: Vec<Cost> = filters.filter_map(cost).collect();
    let with_expressions = costs.iter().filter(|cost| cost.expressions > 0).count();
    let all: Cost = costs.iter().copied().sum();
    costs.len() <= MOST_FILTERS
        && with_expressions <= MOST_WITH_EXPRESSIONS
        && all.passes <= MOST_PASSES
}

/// What matching costs with it, and taking out what it counts.
fn cost(filter: &MetricFilter) -> Option<Cost> {
    let compiled = Compiled::of(filter)?;
    let value = match compiled.value {
        MetricSource::Constant(_) => Cost::default(),
        MetricSource::Taken(_) => Cost::PASS,
    };
    let dimensions: Cost = compiled.dimensions.iter().map(|_| Cost::PASS).sum();
    Some(compiled.pattern.cost() + value + dimensions)
}

/// A metric filter, ready for events.
struct Compiled<'a> {
    filter: &'a MetricFilter,
    pattern: Pattern,
    value: MetricSource,
    dimensions: Vec<(&'a str, Source)>,
}

impl<'a> Compiled<'a> {
    fn of(filter: &'a MetricFilter) -> Option<Self> {
        let Transformation {
            value, dimensions, ..
        } = &filter.transformation;
        let dimensions = dimensions
            .iter()
            .map(|(name, source)| Some((name.as_str(), Source::parse(source).ok()?)));
        Some(Self {
            filter,
            pattern: Pattern::parse(&filter.pattern).ok()?,
            value: MetricSource::parse(value).ok()?,
            dimensions: dimensions.collect::<Option<_>>()?,
        })
    }

    fn data(&self, events: &[(Timestamp, Event<'_>)]) -> Vec<MetricDatum> {
        let mut data = Vec::new();
        // The minutes with lines, and whether one of them matched.
        let mut minutes: BTreeMap<i64, (Timestamp, bool)> = BTreeMap::new();
        for (at, event) in events {
            let matched = self.pattern.matches(event);
            let minute = minutes
                .entry(at.as_millis().div_euclid(60_000))
                .or_insert((*at, false));
            minute.1 |= matched;
            if matched {
                data.extend(self.datum(*at, event));
            }
        }
        if let Some(default) = self.filter.transformation.default {
            let without = minutes.into_values().filter(|(_, matched)| !matched);
            data.extend(without.map(|(at, _)| self.with(at, default, Vec::new())));
        }
        data
    }

    /// What is counted for an event. `None` when it has no number where the value should be, or no value
    /// for a dimension.
    fn datum(&self, at: Timestamp, event: &Event<'_>) -> Option<MetricDatum> {
        let value = self.value.value(&self.pattern, event)?;
        let dimension = |(name, source): &(&str, Source)| {
            let value = self.pattern.value_of(source, event)?;
            let fits = !value.is_empty() && value.len() <= LONGEST_DIMENSION;
            fits.then(|| ((*name).to_owned(), value))
        };
        let dimensions = self.dimensions.iter().map(dimension);
        Some(self.with(at, value, dimensions.collect::<Option<_>>()?))
    }

    fn with(&self, at: Timestamp, value: f64, dimensions: Vec<(String, String)>) -> MetricDatum {
        let MetricFilter {
            account,
            region,
            transformation,
            ..
        } = self.filter;
        MetricDatum {
            account: account.clone(),
            region: region.clone(),
            namespace: transformation.namespace.clone(),
            name: transformation.metric.clone(),
            dimensions,
            at,
            value,
            unit: transformation.unit.clone(),
        }
    }
}

/// How many metric filters a group has at most.
pub(super) const MOST_FILTERS: usize = 100;
/// How many of them may have regular expressions, as on AWS.
const MOST_WITH_EXPRESSIONS: usize = 5;
/// How often all of them may go through what is appended.
const MOST_PASSES: usize = 1_000;
const LONGEST_DIMENSION: usize = 255;

#[cfg(test)]
mod tests;
