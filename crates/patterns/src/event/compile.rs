//! From text to a pattern.

use super::condition::{Comparison, Condition, Network, TextCondition};
use super::text::Wildcard;
use super::{EventPattern, Fields, Leaf, Node};
use serde_json::{Map, Value};

/// How large a pattern may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters of its text.
    pub characters: usize,
    /// Objects inside objects.
    pub depth: usize,
}

/// Why a text is no pattern. The reason is AWS's, where it is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {0}")]
pub struct Invalid(String);

impl Invalid {
    fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The reason alone.
    pub fn reason(&self) -> &str {
        &self.0
    }
}

pub(super) fn compile(text: &str, limits: Limits) -> Result<EventPattern, Invalid> {
    if text.chars().count() > limits.characters {
        let most = limits.characters;
        return Err(Invalid(format!("Pattern is longer than {most} characters")));
    }
    let Ok(Value::Object(members)) = serde_json::from_str(text) else {
        return Err(Invalid::because("Filter is not an object"));
    };
    let mut place = Place::default();
    let root = fields(&members, &mut place, limits.depth)?;
    Ok(EventPattern {
        root,
        absent: place.absent,
    })
}

/// Where in a pattern reading is.
#[derive(Default)]
struct Place {
    path: Vec<String>,
    /// Of the leaves so far, where those stand that ask for there being nothing.
    absent: Vec<Vec<String>>,
}

fn fields(
    members: &Map<String, Value>,
    place: &mut Place,
    depth: usize,
) -> Result<Fields, Invalid> {
    if members.is_empty() {
        return Err(Invalid::because("Empty objects are not allowed"));
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Invalid::because("Pattern is nested too deeply"));
    };
    let mut read = Fields::default();
    for (name, value) in members {
        if name == OR {
            read.either = alternatives(value, place, depth)?;
            continue;
        }
        place.path.push(name.clone());
        let node = match value {
            Value::Object(members) => Node::Object(fields(members, place, depth)?),
            Value::Array(items) => Node::Leaf(leaf(items, place)?),
            _ => {
                let reason = format!("\"{name}\" must be an object or an array");
                return Err(Invalid(reason));
            }
        };
        place.path.pop();
        read.named.push((name.clone(), node));
    }
    Ok(read)
}

fn alternatives(value: &Value, place: &mut Place, depth: usize) -> Result<Vec<Fields>, Invalid> {
    let Some(items) = value
        .as_array()
        .filter(|items| items.len() >= LEAST_ALTERNATIVES)
    else {
        return Err(Invalid::because(
            "There must have at least 2 Objects in $or relationship",
        ));
    };
    let read = items.iter().map(|item| match item {
        Value::Object(members) => fields(members, place, depth),
        _ => Err(Invalid::because(
            "Only JSON object is allowed in array of $or relationship",
        )),
    });
    read.collect()
}

fn leaf(items: &[Value], place: &mut Place) -> Result<Leaf, Invalid> {
    if items.is_empty() {
        return Err(Invalid::because("Empty arrays are not allowed"));
    }
    let conditions: Vec<Condition> = items.iter().map(condition).collect::<Result<_, _>>()?;
    let asks_for_none = conditions.contains(&Condition::Absent);
    let absent = asks_for_none.then_some(place.absent.len());
    if asks_for_none {
        place.absent.push(place.path.clone());
    }
    Ok(Leaf { conditions, absent })
}

fn condition(item: &Value) -> Result<Condition, Invalid> {
    match item {
        Value::Object(members) => {
            let (name, value) = only(members)?;
            match_expression(name, value)
        }
        Value::Array(_) => Err(Invalid::because(
            "Match value must be String, number, true, false, or null",
        )),
        value => Ok(Condition::Equals(value.clone())),
    }
}

fn match_expression(name: &str, value: &Value) -> Result<Condition, Invalid> {
    match name {
        "exists" => match value {
            Value::Bool(true) => Ok(Condition::Present),
            Value::Bool(false) => Ok(Condition::Absent),
            _ => Err(Invalid::because(
                "exists match pattern must be either true or false.",
            )),
        },
        "anything-but" => anything_but(value).map(Condition::AnythingBut),
        "numeric" => numeric(value).map(Condition::Numeric),
        "cidr" => {
            let network = text(name, value).map(Network::parse)?;
            network.map(Condition::Network).ok_or_else(|| {
                Invalid::because("Malformed CIDR, must be an IP address or a range of them")
            })
        }
        _ => text_condition(name, value).map(Condition::Text),
    }
}

fn text_condition(name: &str, value: &Value) -> Result<TextCondition, Invalid> {
    let ignoring_case = match value {
        Value::Object(members) if matches!(name, "prefix" | "suffix") => match only(members)? {
            ("equals-ignore-case", inner) => Some(text(name, inner)?.to_owned()),
            (other, _) => {
                return Err(Invalid(format!(
                    "Unsupported anything-but pattern: {other}"
                )));
            }
        },
        _ => None,
    };
    if let Some(given) = ignoring_case {
        return Ok(match name {
            "prefix" => TextCondition::PrefixIgnoringCase(given),
            _ => TextCondition::SuffixIgnoringCase(given),
        });
    }
    match name {
        "prefix" => Ok(TextCondition::Prefix(text(name, value)?.to_owned())),
        "suffix" => Ok(TextCondition::Suffix(text(name, value)?.to_owned())),
        "equals-ignore-case" => Ok(TextCondition::EqualsIgnoringCase(
            text(name, value)?.to_owned(),
        )),
        "wildcard" => {
            let wildcard = Wildcard::parse(text(name, value)?);
            wildcard.map(TextCondition::Wildcard).ok_or_else(|| {
                Invalid::because("Consecutive wildcard characters or an invalid escape in wildcard")
            })
        }
        _ => Err(Invalid(format!("Unrecognized match type {name}"))),
    }
}

/// What a value must not be.
fn anything_but(value: &Value) -> Result<Vec<Condition>, Invalid> {
    match value {
        Value::String(_) | Value::Number(_) => Ok(vec![Condition::Equals(value.clone())]),
        Value::Array(items) => {
            let all_text = items.iter().all(Value::is_string);
            let all_numbers = items.iter().all(Value::is_number);
            if items.is_empty() || !(all_text || all_numbers) {
                return Err(Invalid::because(
                    "Inside anything but list, either all values are number or string, mixed type \
                     is not supported",
                ));
            }
            Ok(items.iter().cloned().map(Condition::Equals).collect())
        }
        Value::Object(members) => {
            let (name, value) = only(members)?;
            let given = match value {
                Value::Array(items) if !items.is_empty() => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            let read = given
                .iter()
                .map(|one| text_condition(name, one).map(Condition::Text));
            read.collect()
        }
        _ => Err(Invalid::because(
            "Value of anything-but must be an array or single string/number value.",
        )),
    }
}

fn numeric(value: &Value) -> Result<Vec<(Comparison, f64)>, Invalid> {
    let malformed =
        || Invalid::because("Value of numeric must be an array of operators and numbers");
    let items = value.as_array().ok_or_else(malformed)?;
    let pairs = items.chunks(2);
    let read = pairs.map(|pair| match pair {
        [sign, bound] => {
            let sign = sign.as_str().and_then(Comparison::parse);
            let sign =
                sign.ok_or_else(|| Invalid::because("Unrecognized numeric range operator"))?;
            let bound = bound.as_f64().filter(|bound| bound.abs() <= LARGEST_NUMBER);
            Ok((sign, bound.ok_or_else(malformed)?))
        }
        _ => Err(malformed()),
    });
    let bounds: Vec<_> = read.collect::<Result<_, _>>()?;
    // One bound, or a lower and an upper one.
    let is_range = match bounds.as_slice() {
        [_] => true,
        [(lower, from), (upper, to)] => {
            matches!(lower, Comparison::More | Comparison::MoreOrEqual)
                && matches!(upper, Comparison::Less | Comparison::LessOrEqual)
                && from < to
        }
        _ => false,
    };
    if is_range {
        Ok(bounds)
    } else {
        Err(Invalid::because("Bottom must be less than top"))
    }
}

fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, Invalid> {
    let text = value.as_str();
    text.ok_or_else(|| Invalid(format!("{name} match pattern must be a string")))
}

/// The one member of an object.
fn only(members: &Map<String, Value>) -> Result<(&str, &Value), Invalid> {
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name.as_str(), value)),
        (None, _) => Err(Invalid::because("Empty objects are not allowed")),
        (Some(_), Some(_)) => Err(Invalid::because("Only one key allowed in match expression")),
    }
}

const OR: &str = "$or";
const LEAST_ALTERNATIVES: usize = 2;
/// What EventBridge takes.
const LARGEST_NUMBER: f64 = 5_000_000_000.0;
