//! CloudWatch Logs' filter patterns, and what metric filters take out of the events that they match.
//!
//! Three languages, told apart by how a pattern begins:
//!
//! - `{ $.eventName = "Get*" && $.errorCode EXISTS }` for events that are JSON;
//! - `[ip, user, ..., status = 4*, bytes > 1000]` for events of columns, divided by spaces;
//! - terms: `ERROR "in quotation marks" -without`, or `?any ?of`.
//!
//! Rules kept here:
//!
//! - A pattern has [`LONGEST`] characters at most, parentheses in it nest no deeper than [`DEEPEST`], and
//!   it has no more than [`MOST_EXPRESSIONS`] regular expressions, which are bounded when compiled and take
//!   linear time.
//! - SECURITY: an event is gone through [`Pattern::cost`] times at most, however long it is.
//! - A comparison with what an event does not have does not hold, `!=` no more than `=`.
//! - COMPAT: a mixture of `?term` with others is refused; AWS ignores a part of it.

mod columns;
mod cost;
mod error;
mod event;
mod json;
mod operand;
mod scanner;
mod selector;
mod terms;
mod values;
mod wildcard;

pub use cost::Cost;
pub use error::Malformed;
pub use event::Event;
pub use values::{MetricSource, Source};

use columns::Columns;
use json::Condition;
use scanner::Scanner;
use std::collections::BTreeMap;
use terms::Terms;

/// A pattern, compiled.
#[derive(Debug)]
pub struct Pattern(Form);

#[derive(Debug)]
enum Form {
    /// An empty pattern: every event.
    Everything,
    Columns(Columns),
    Json(Condition),
    Terms(Terms),
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// [`Malformed`], with where.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.chars().nth(LONGEST).is_some() {
            return Err(Malformed::at(LONGEST, "the pattern is too long"));
        }
        let mut scanner = Scanner::new(text);
        scanner.skip_spaces();
        let form = match scanner.peek() {
            None => Form::Everything,
            Some('{') => Form::Json(json::parse(&mut scanner)?),
            Some('[') => Form::Columns(Columns::parse(&mut scanner)?),
            Some(_) => Form::Terms(Terms::parse(&mut scanner)?),
        };
        Ok(Self(form))
    }

    /// Whether `event` is one of those that the pattern means.
    pub fn matches(&self, event: &Event<'_>) -> bool {
        match &self.0 {
            Form::Everything => true,
            Form::Columns(columns) => columns.matches(event.text()),
            Form::Json(condition) => event.json().is_some_and(|json| condition.holds(json)),
            Form::Terms(terms) => terms.match_text(event.text()),
        }
    }

    /// What it takes to match an event.
    pub fn cost(&self) -> Cost {
        match &self.0 {
            Form::Everything => Cost::default(),
            Form::Columns(columns) => columns.cost(),
            // It is read once.
            Form::Json(condition) => Cost::PASS + condition.cost(),
            Form::Terms(terms) => terms.cost(),
        }
    }

    /// Whether `source` can be taken out of what the pattern matches.
    pub fn offers(&self, source: &Source) -> bool {
        match (&self.0, source) {
            (Form::Json(_), Source::Selector(_)) => true,
            (Form::Columns(columns), Source::Column(name)) => columns.has(name),
            _ => false,
        }
    }

    /// What `source` means in `event`, as text: a number, a string or a Boolean. `None` when there is
    /// nothing of the kind.
    pub fn value_of(&self, source: &Source, event: &Event<'_>) -> Option<String> {
        match (&self.0, source) {
            (Form::Json(_), Source::Selector(selector)) => selector.scalar_in(event.json()?),
            (Form::Columns(columns), Source::Column(name)) => {
                columns.value_of(name, event.text()).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// What a match shows: each selector of the pattern, or each column, with its value.
    pub fn extracted(&self, event: &Event<'_>) -> BTreeMap<String, String> {
        match &self.0 {
            Form::Everything | Form::Terms(_) => BTreeMap::new(),
            Form::Columns(columns) => columns.extracted(event.text()),
            Form::Json(condition) => {
                let mut found = BTreeMap::new();
                if let Some(json) = event.json() {
                    condition.extract(json, &mut found);
                }
                found
            }
        }
    }
}

/// How many characters a pattern has at most.
pub const LONGEST: usize = 1_024;
/// How deep parentheses nest.
pub const DEEPEST: usize = 32;
/// How many regular expressions a pattern has at most.
pub const MOST_EXPRESSIONS: usize = 2;

#[cfg(test)]
mod tests;
