//! `{ $.eventName = "GetSecretValue" && $.errorCode NOT EXISTS }`.

use super::DEEPEST;
use super::cost::Cost;
use super::error::Malformed;
use super::operand::Comparison;
use super::scanner::Scanner;
use super::selector::Selector;
use serde_json::Value;
use std::collections::BTreeMap;

/// What an event must fulfil.
///
/// INVARIANT: it nests no deeper than [`DEEPEST`] pairs of parentheses.
#[derive(Debug)]
pub(super) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Test(Selector, Test),
}

#[derive(Debug)]
pub(super) enum Test {
    Compared(Comparison),
    Exists(bool),
    Is(Constant),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constant {
    False,
    Null,
    True,
}

/// Reads a whole pattern, from its `{`.
pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Condition, Malformed> {
    scanner.next();
    let condition = any_of(scanner, 0)?;
    if !scanner.take("}") {
        return Err(scanner.wrong("a `}` is missing"));
    }
    scanner.end()?;
    Ok(condition)
}

fn any_of(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, Malformed> {
    let mut parts = vec![all_of(scanner, depth)?];
    while scanner.take("||") {
        parts.push(all_of(scanner, depth)?);
    }
    Ok(joined(parts, Condition::Any))
}

fn all_of(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, Malformed> {
    let mut parts = vec![one(scanner, depth)?];
    while scanner.take("&&") {
        parts.push(one(scanner, depth)?);
    }
    Ok(joined(parts, Condition::All))
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// One test, or a condition in parentheses, with the spaces around it.
fn one(scanner: &mut Scanner<'_>, depth: usize) -> Result<Condition, Malformed> {
    scanner.skip_spaces();
    let condition = if scanner.peek() == Some('(') {
        if depth == DEEPEST {
            return Err(scanner.wrong("parentheses nest too deep"));
        }
        scanner.next();
        let inner = any_of(scanner, depth + 1)?;
        if !scanner.take(")") {
            return Err(scanner.wrong("a `)` is missing"));
        }
        inner
    } else {
        let selector = Selector::parse(scanner)?;
        scanner.skip_spaces();
        let test = test(scanner)?;
        Condition::Test(selector, test)
    };
    scanner.skip_spaces();
    Ok(condition)
}

fn test(scanner: &mut Scanner<'_>) -> Result<Test, Malformed> {
    if let Some(comparison) = Comparison::parse(scanner)? {
        return Ok(Test::Compared(comparison));
    }
    if scanner.take_word("EXISTS") {
        return Ok(Test::Exists(true));
    }
    if scanner.take_word("NOT") {
        scanner.skip_spaces();
        return match scanner.take_word("EXISTS") {
            true => Ok(Test::Exists(false)),
            false => Err(scanner.wrong("`EXISTS` is missing")),
        };
    }
    if !scanner.take_word("IS") {
        return Err(scanner.wrong("an operator is missing"));
    }
    scanner.skip_spaces();
    let constants = [
        ("TRUE", Constant::True),
        ("FALSE", Constant::False),
        ("NULL", Constant::Null),
    ];
    let found = constants
        .into_iter()
        .find(|(word, _)| scanner.take_word(word));
    let (_, constant) =
        found.ok_or_else(|| scanner.wrong("`TRUE`, `FALSE` or `NULL` is missing"))?;
    Ok(Test::Is(constant))
}

impl Condition {
    pub(super) fn holds(&self, json: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(json)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(json)),
            Self::Test(selector, test) => match test {
                Test::Compared(comparison) => selector.any(json, &|value| comparison.holds(value)),
                Test::Exists(expected) => selector.any(json, &|_| true) == *expected,
                Test::Is(constant) => selector.any(json, &|value| constant.is(value)),
            },
        }
    }

    pub(super) fn cost(&self) -> Cost {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::cost).sum(),
            Self::Test(_, Test::Compared(comparison)) => comparison.cost(),
            Self::Test(_, Test::Exists(_) | Test::Is(_)) => Cost::PASS,
        }
    }

    /// Adds the values of its selectors.
    pub(super) fn extract(&self, json: &Value, found: &mut BTreeMap<String, String>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.extract(json, found);
                }
            }
            Self::Test(selector, _) => {
                if let Some(value) = selector.scalar_in(json) {
                    found.insert(selector.text().to_owned(), value);
                }
            }
        }
    }
}

impl Constant {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::False => *value == Value::Bool(false),
            Self::Null => value.is_null(),
            Self::True => *value == Value::Bool(true),
        }
    }
}
