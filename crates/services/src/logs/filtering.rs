//! What metric filters make of lines.

use super::records::{MetricFilter, Transformation};
use super::work::{TURN, work_of};
use crate::ports::{Aggregate, MetricDatum};
use base::Timestamp;
use patterns::filter::{Cost, Event, MetricSource, Pattern, Source};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `filters` make of `events`: for each metric, the values of each minute put together.
///
/// A pattern that cannot be read any more counts nothing: it was compiled when it was taken.
///
/// SECURITY: whoever writes lines chooses how many different values their dimensions have, so only the
/// first [`MOST_SETS`] are counted; and between pieces of the work others have a turn on this thread.
pub(super) async fn data(
    filters: &[Arc<MetricFilter>],
    events: &[(Timestamp, String)],
) -> Vec<MetricDatum> {
    let mut data = Vec::new();
    if filters.is_empty() {
        return data;
    }
    let events: Vec<(Timestamp, Event<'_>)> = events
        .iter()
        .map(|(at, message)| (*at, Event::new(message)))
        .collect();
    let mut room = MOST_SETS;
    for filter in filters {
        let Some(compiled) = Compiled::of(filter) else {
            continue;
        };
        let mut counts = Counts::default();
        let mut place = 0;
        while place < events.len() {
            place += compiled.count_from(place, &events, &mut room, &mut counts);
            tokio::task::yield_now().await;
        }
        data.extend(compiled.data(counts));
    }
    data
}

/// Whether one group may have all of `filters`.
///
/// SECURITY: what is appended to a group is matched in the request that appends it. So much as one batch
/// is gone through is bounded for all filters of a group together, not for each. What regular expressions
/// take is bounded by their number, which is AWS's.
pub(super) fn fit<'a>(filters: impl Iterator<Item = &'a MetricFilter>) -> bool {
    let costs: Vec<Cost> = filters
        .filter_map(|filter| Some(Compiled::of(filter)?.cost()))
        .collect();
    let with_expressions = costs.iter().filter(|cost| cost.expressions > 0).count();
    let all: Cost = costs.iter().copied().sum();
    let of_expressions = all.expressions.saturating_mul(Cost::EXPRESSION.passes);
    costs.len() <= MOST_FILTERS
        && with_expressions <= MOST_WITH_EXPRESSIONS
        && all.passes.saturating_sub(of_expressions) <= MOST_PASSES
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

    /// What matching takes, and taking out what is counted.
    fn cost(&self) -> Cost {
        let value = match self.value {
            MetricSource::Constant(_) => Cost::default(),
            MetricSource::Taken(_) => Cost::PASS,
        };
        let dimensions: Cost = self.dimensions.iter().map(|_| Cost::PASS).sum();
        self.pattern.cost() + value + dimensions
    }

    /// Counts the first of `events` from `place` on, as many as are one turn's work. Gives how many.
    fn count_from(
        &self,
        place: usize,
        events: &[(Timestamp, Event<'_>)],
        room: &mut usize,
        counts: &mut Counts,
    ) -> usize {
        let ahead = events.get(place..).unwrap_or_default();
        let passes = self.cost().passes;
        let mut work = 0;
        let turn = ahead.iter().take_while(|(_, event)| {
            let is_in = work < TURN;
            work += work_of(event.text().len(), passes);
            is_in
        });
        turn.map(|(at, event)| self.count(*at, event, room, counts))
            .count()
    }

    fn count(&self, at: Timestamp, event: &Event<'_>, room: &mut usize, counts: &mut Counts) {
        let minute = at.as_millis().div_euclid(60_000);
        let is_match = self.pattern.matches(event);
        if self.filter.transformation.default.is_some() {
            let seen = counts.minutes.entry(minute).or_insert((at, false));
            seen.1 |= is_match;
        }
        let Some((value, set)) = is_match.then(|| self.counted(event)).flatten() else {
            return;
        };
        let is_new = !self.dimensions.is_empty() && !counts.sets.contains_key(&set);
        if is_new {
            if *room == 0 {
                return;
            }
            *room -= 1;
        }
        let value = Aggregate::of(value, 1.0);
        let of_set = counts.sets.entry(set).or_default();
        of_set
            .entry(minute)
            .and_modify(|(_, values)| *values = values.with(value))
            .or_insert((at, value));
    }

    /// What is counted for an event, and the values of its dimensions. `None` when it has no number where
    /// the value should be, or no value for a dimension.
    fn counted(&self, event: &Event<'_>) -> Option<(f64, Vec<String>)> {
        let value = self.value.value(&self.pattern, event)?;
        let dimension = |(_, source): &(&str, Source)| {
            let value = self.pattern.value_of(source, event)?;
            let fits = !value.is_empty() && value.len() <= LONGEST_DIMENSION;
            fits.then_some(value)
        };
        let set = self.dimensions.iter().map(dimension);
        Some((value, set.collect::<Option<_>>()?))
    }

    fn data(&self, counts: Counts) -> Vec<MetricDatum> {
        let sets = counts.sets.into_iter();
        let mut data: Vec<MetricDatum> = sets
            .map(|(set, minutes)| {
                let names = self.dimensions.iter().map(|(name, _)| (*name).to_owned());
                self.datum(names.zip(set).collect(), minutes.into_values().collect())
            })
            .collect();
        if let Some(default) = self.filter.transformation.default {
            let without = counts.minutes.into_values();
            let without = without.filter(|(_, has_match)| !has_match);
            let values = without.map(|(at, _)| (at, Aggregate::of(default, 1.0)));
            data.push(self.datum(Vec::new(), values.collect()));
        }
        data.retain(|datum| !datum.values.is_empty());
        data
    }

    fn datum(
        &self,
        dimensions: Vec<(String, String)>,
        values: Vec<(Timestamp, Aggregate)>,
    ) -> MetricDatum {
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
            unit: transformation.unit.clone(),
            values,
        }
    }
}

/// What a filter counted.
#[derive(Default)]
struct Counts {
    /// By the values of the dimensions and by the minute; with the moment of its first line.
    sets: BTreeMap<Vec<String>, BTreeMap<i64, (Timestamp, Aggregate)>>,
    /// The minutes with lines, and whether one of them matched: where there is a default.
    minutes: BTreeMap<i64, (Timestamp, bool)>,
}

/// How many metric filters a group has at most.
pub(super) const MOST_FILTERS: usize = 100;
/// How many of them may have regular expressions, as on AWS.
const MOST_WITH_EXPRESSIONS: usize = 5;
/// How often all of them may go through what is appended, beside what regular expressions take.
const MOST_PASSES: usize = 100;
/// How many sets of values of dimensions are counted of what is appended at once.
const MOST_SETS: usize = 1_000;
const LONGEST_DIMENSION: usize = 255;

#[cfg(test)]
mod tests;
