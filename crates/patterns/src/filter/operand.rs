//! What a value is compared with, and how.

use super::cost::Cost;
use super::error::Malformed;
use super::scanner::Scanner;
use super::wildcard::Wildcard;
use regex_lite::Regex;
use serde_json::Value;

/// One comparison, such as `> 1000` or `= "Get*"`.
#[derive(Debug)]
pub(super) enum Comparison {
    /// With a regular expression: whether it matches, or not.
    Expression(Regex, bool),
    Number(Relation, f64),
    /// With a text: whether it matches, or not.
    Text(Word, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    NotEqual,
}

/// A text to compare with.
#[derive(Debug)]
pub(super) struct Word {
    text: Wildcard,
    /// One in quotation marks means strings only; another one numbers and Booleans too.
    is_quoted: bool,
}

impl Comparison {
    /// Reads a comparison, if an operator comes next.
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Option<Self>, Malformed> {
        let Some(relation) = relation(scanner) else {
            return Ok(None);
        };
        scanner.skip_spaces();
        let is_equality = matches!(relation, Relation::Equal | Relation::NotEqual);
        let is_equal = relation == Relation::Equal;
        let wrong = scanner.wrong("only numbers have an order");
        let comparison = match scanner.peek() {
            Some('"') => {
                let word = Word {
                    text: Wildcard::new(&scanner.quoted()?),
                    is_quoted: true,
                };
                Self::Text(word, is_equal)
            }
            Some('%') => Self::Expression(scanner.expression()?, is_equal),
            _ => {
                let bare = bare(scanner)?;
                match number(bare) {
                    Some(number) => return Ok(Some(Self::Number(relation, number))),
                    None => {
                        let word = Word {
                            text: Wildcard::new(bare),
                            is_quoted: false,
                        };
                        Self::Text(word, is_equal)
                    }
                }
            }
        };
        if is_equality {
            Ok(Some(comparison))
        } else {
            Err(wrong)
        }
    }

    pub(super) fn cost(&self) -> Cost {
        match self {
            Self::Expression(..) => Cost::EXPRESSION,
            Self::Number(..) | Self::Text(..) => Cost::PASS,
        }
    }

    /// Whether it holds for a value of an event. An array or an object is never compared.
    pub(super) fn holds(&self, value: &Value) -> bool {
        if value.is_array() || value.is_object() {
            return false;
        }
        match self {
            Self::Expression(expression, expected) => {
                value.as_str().is_some_and(|text| expression.is_match(text)) == *expected
            }
            Self::Number(relation, number) => match value.as_f64() {
                Some(found) => relation.holds(found, *number),
                None => *relation == Relation::NotEqual,
            },
            Self::Text(word, expected) => word.means(value) == *expected,
        }
    }

    /// Whether it holds for a column.
    pub(super) fn holds_for_text(&self, text: &str) -> bool {
        match self {
            Self::Expression(expression, expected) => expression.is_match(text) == *expected,
            Self::Number(relation, wanted) => match number(text) {
                Some(found) => relation.holds(found, *wanted),
                None => *relation == Relation::NotEqual,
            },
            Self::Text(word, expected) => word.text.matches(text) == *expected,
        }
    }
}

impl Relation {
    #[expect(
        clippy::float_cmp,
        reason = "equality of the numbers as they were written"
    )]
    fn holds(self, found: f64, wanted: f64) -> bool {
        match self {
            Self::Equal => found == wanted,
            Self::Greater => found > wanted,
            Self::GreaterOrEqual => found >= wanted,
            Self::Less => found < wanted,
            Self::LessOrEqual => found <= wanted,
            Self::NotEqual => found != wanted,
        }
    }
}

impl Word {
    fn means(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.text.matches(text),
            Value::Bool(_) | Value::Number(_) if !self.is_quoted => {
                self.text.matches(&value.to_string())
            }
            _ => false,
        }
    }
}

fn relation(scanner: &mut Scanner<'_>) -> Option<Relation> {
    let operators = [
        ("!=", Relation::NotEqual),
        ("<=", Relation::LessOrEqual),
        (">=", Relation::GreaterOrEqual),
        ("=", Relation::Equal),
        ("<", Relation::Less),
        (">", Relation::Greater),
    ];
    let found = operators.into_iter().find(|(sign, _)| scanner.take(sign));
    found.map(|(_, relation)| relation)
}

/// A word without quotation marks.
fn bare<'a>(scanner: &mut Scanner<'a>) -> Result<&'a str, Malformed> {
    let is_of_word = |c: char| !c.is_whitespace() && !"(){}[],|&=<>!\"%".contains(c);
    match scanner.take_while(is_of_word) {
        "" => Err(scanner.wrong("something to compare with is missing")),
        word => Ok(word),
    }
}

/// A number such as `-1`, `2.5` or `1e-3`.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let parsed = begins.then(|| text.parse().ok()).flatten();
    parsed.filter(|number: &f64| number.is_finite())
}
