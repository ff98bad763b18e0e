//! What metric filters take out of events.

use super::error::Malformed;
use super::operand::number;
use super::scanner::Scanner;
use super::selector::Selector;
use super::{Event, Pattern};

/// Where in an event a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `$bytes`: a column of the pattern.
    Column(String),
    /// `$.latency`: a place in JSON.
    Selector(Selector),
}

impl Source {
    /// Reads `$.latency` or `$bytes`.
    ///
    /// # Errors
    /// [`Malformed`], with where.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut scanner = Scanner::new(text);
        if text.starts_with("$.") || text.starts_with("$[") {
            let selector = Selector::parse(&mut scanner)?;
            scanner.end()?;
            return Ok(Self::Selector(selector));
        }
        let name = text.strip_prefix('$').unwrap_or_default();
        let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(is_of_name) {
            return Err(scanner.wrong("a value is `$.selector`, `$column` or a number"));
        }
        Ok(Self::Column(name.to_owned()))
    }
}

/// What a metric filter counts for each event.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricSource {
    /// The same each time.
    Constant(f64),
    /// What stands in the event.
    Taken(Source),
}

impl MetricSource {
    /// Reads a `metricValue`: `1`, `$.latency` or `$bytes`.
    ///
    /// # Errors
    /// [`Malformed`], with where.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        match number(text) {
            Some(number) => Ok(Self::Constant(number)),
            None => Source::parse(text).map(Self::Taken),
        }
    }

    /// The value for an event that `pattern` matches. `None`: there is no number in it.
    pub fn value(&self, pattern: &Pattern, event: &Event<'_>) -> Option<f64> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Taken(source) => pattern.value_of(source, event).as_deref().and_then(number),
        }
    }
}
