//! The constraints of a request, and the text that names every violation.
//!
//! Violations come in the order of the members, what is wrong with a list or structure before what
//! is wrong inside it; for one text: its length, its pattern, its set of values.
//!
//! COMPAT: a pattern that a service tells in words of its own is told alone, whatever else is wrong.

mod echo;
#[cfg(test)]
mod tests;

use crate::path::Path;
use crate::rejection::Rejection;
use crate::shape::{Number, Shape, Text};
use crate::value::{Members, Value};
use echo::echo;
use std::fmt::{self, Write as _};

/// The greatest length by the name of its quota. `None`: the usual one.
pub type Quotas<'a> = &'a dyn Fn(&'static str) -> Option<usize>;

/// Errors, naming every violation, when a constraint is not met.
pub(crate) fn validate(members: &Members, quotas: Quotas<'_>) -> Result<(), Rejection> {
    let mut violations = Violations {
        quotas,
        count: 0,
        text: String::new(),
        worded: None,
    };
    violations.in_structure(members, &Path::Root);
    violations.into_result()
}

/// The violations found so far.
///
/// SECURITY: only the first [`MOST_LISTED`] are written out, so that a small body with very many
/// wrong items does not make a huge answer. All are counted.
struct Violations<'a> {
    quotas: Quotas<'a>,
    count: usize,
    text: String,
    /// The first pattern that is told in words.
    worded: Option<String>,
}

impl Violations<'_> {
    fn in_structure(&mut self, members: &Members, path: &Path<'_>) {
        for (member, value) in members.iter() {
            let path = Path::Member(path, member.name);
            match value {
                Some(value) => self.in_value(value, member.shape, &path),
                None if member.required => self.add_null(&path),
                None => {}
            }
        }
    }

    fn in_value(&mut self, value: &Value, shape: &Shape, path: &Path<'_>) {
        let found = Found { value, shape, path };
        match (value, shape) {
            (Value::Null, _) => self.add_null(path),
            (Value::Text(text), Shape::Text(rules)) => self.in_text(text, rules, found),
            (Value::Secret(secret), Shape::Text(rules)) => {
                let text = std::str::from_utf8(secret.expose()).unwrap_or_default();
                self.in_text(text, rules, found);
            }
            (Value::Secret(secret), Shape::Blob { min, max, quota }) => {
                let max = self.most(*max, *quota);
                self.in_length(secret.len(), *min, max, found);
            }
            (Value::Integer(number), Shape::Integer(rules)) => {
                self.in_number(*number, rules, found);
            }
            (Value::List(items), Shape::List(rules)) => {
                self.in_length(items.len(), rules.min, rules.max, found);
                for (item, number) in items.iter().zip(1..) {
                    self.in_value(item, rules.item, &Path::Item(path, number));
                }
            }
            (Value::Map(values), Shape::Map(rules)) => {
                for (key, value) in values {
                    self.in_value(value, rules.value, &Path::Entry(path, key));
                }
            }
            (Value::Structure(members), Shape::Structure(_)) => self.in_structure(members, path),
            _ => {}
        }
    }

    fn in_text(&mut self, text: &str, rules: &Text, found: Found<'_>) {
        let max = self.most(rules.max, rules.quota);
        self.in_length(rules.length(text), rules.min, max, found);
        if let Some(pattern) = rules.pattern
            && !(pattern.matches)(text)
        {
            match rules.worded {
                Some(rule) => self.add_worded(rule, found.path),
                None => self.add(
                    found,
                    format_args!("satisfy regular expression pattern: {}", pattern.text),
                ),
            }
        }
        if !rules.one_of.is_empty() && !rules.one_of.contains(&text) {
            let names = rules.one_of.join(", ");
            self.add(found, format_args!("satisfy enum value set: [{names}]"));
        }
    }

    fn most(&self, usual: usize, quota: Option<&'static str>) -> usize {
        quota.and_then(self.quotas).unwrap_or(usual)
    }

    fn in_length(&mut self, length: usize, min: usize, max: usize, found: Found<'_>) {
        if length < min {
            self.add(
                found,
                format_args!("have length greater than or equal to {min}"),
            );
        }
        if length > max {
            self.add(
                found,
                format_args!("have length less than or equal to {max}"),
            );
        }
    }

    fn in_number(&mut self, number: i64, rules: &Number, found: Found<'_>) {
        if let Some(min) = rules.min.filter(|min| number < *min) {
            self.add(
                found,
                format_args!("have value greater than or equal to {min}"),
            );
        }
        if let Some(max) = rules.max.filter(|max| number > *max) {
            self.add(
                found,
                format_args!("have value less than or equal to {max}"),
            );
        }
    }

    fn add(&mut self, found: Found<'_>, rule: fmt::Arguments<'_>) {
        if self.count >= MOST_LISTED {
            self.count += 1;
            return;
        }
        let Found { value, shape, path } = found;
        // SECURITY: of a value with any confidential part nothing is shown.
        if shape.is_confidential() {
            self.write(format_args!("Value at '{path}' {FAILED} {rule}"));
        } else {
            let shown = echo(value);
            self.write(format_args!("Value '{shown}' at '{path}' {FAILED} {rule}"));
        }
    }

    fn add_worded(&mut self, rule: &str, path: &Path<'_>) {
        self.worded
            .get_or_insert_with(|| format!("The specified value for {path} is invalid. {rule}"));
    }

    fn add_null(&mut self, path: &Path<'_>) {
        self.write(format_args!("Value null at '{path}' {FAILED} not be null"));
    }

    fn write(&mut self, violation: fmt::Arguments<'_>) {
        self.count += 1;
        if self.count > MOST_LISTED {
            return;
        }
        if self.count > 1 {
            self.text.push_str("; ");
        }
        // Writing to a `String` cannot fail.
        let _ = self.text.write_fmt(violation);
    }

    fn into_result(self) -> Result<(), Rejection> {
        let Self {
            count,
            text,
            worded,
            ..
        } = self;
        if let Some(worded) = worded {
            return Err(Rejection::Validation(worded));
        }
        let errors = match count {
            0 => return Ok(()),
            1 => "error",
            _ => "errors",
        };
        Err(Rejection::Validation(format!(
            "{count} validation {errors} detected: {text}"
        )))
    }
}

/// A value that is looked at, with what it should be and where it stands.
#[derive(Clone, Copy)]
struct Found<'a> {
    value: &'a Value,
    shape: &'a Shape,
    path: &'a Path<'a>,
}

const FAILED: &str = "failed to satisfy constraint: Member must";

/// How many violations are written out.
const MOST_LISTED: usize = 100;
