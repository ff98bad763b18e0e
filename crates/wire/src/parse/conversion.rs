//! The texts for a value of the wrong JSON type.
//!
//! COMPAT: the texts for a wanted integer, string, list and structure were recorded on a sibling
//! service with the same front end; those for the others are by analogy.

use crate::shape::Shape;

/// What a JSON value is, where something else was wanted.
#[derive(Clone, Copy)]
pub(super) enum Given {
    Text,
    Number,
    True,
    False,
    List,
    Structure,
}

/// The text for `given` where `wanted` should be.
pub(super) fn refusal(given: Given, wanted: &Shape) -> &'static str {
    let scalar = match wanted {
        Shape::Text(_) => &TO_STRING,
        Shape::Blob { .. } => &TO_BLOB,
        Shape::Boolean => &TO_BOOLEAN,
        Shape::Integer(number) if number.long => &TO_LONG,
        Shape::Integer(_) => &TO_INTEGER,
        Shape::Double => &TO_DOUBLE,
        Shape::Timestamp => &TO_MOMENT,
        Shape::List(_) => &TO_LIST,
        Shape::Map(_) | Shape::Structure(_) => &TO_STRUCTURE,
    };
    match given {
        Given::Text => scalar.text,
        Given::Number => scalar.number,
        Given::True => scalar.truth,
        Given::False => scalar.falsity,
        Given::List => "Start of list found where not expected",
        Given::Structure => "Start of structure or map found where not expected.",
    }
}

/// The texts for each scalar that is given.
struct Refusals {
    text: &'static str,
    number: &'static str,
    truth: &'static str,
    falsity: &'static str,
}

macro_rules! conversions_to {
    ($wanted:literal) => {
        Refusals {
            text: concat!("STRING_VALUE can not be converted to ", $wanted),
            number: concat!("NUMBER_VALUE can not be converted to ", $wanted),
            truth: concat!("TRUE_VALUE can not be converted to ", $wanted),
            falsity: concat!("FALSE_VALUE can not be converted to ", $wanted),
        }
    };
}

const fn always(text: &'static str) -> Refusals {
    Refusals {
        text,
        number: text,
        truth: text,
        falsity: text,
    }
}

const TO_STRING: Refusals = conversions_to!("a String");
const TO_BLOB: Refusals = conversions_to!("a Blob");
const TO_BOOLEAN: Refusals = conversions_to!("a Boolean");
const TO_LONG: Refusals = conversions_to!("a Long");
const TO_INTEGER: Refusals = conversions_to!("an Integer");
const TO_DOUBLE: Refusals = conversions_to!("a Double");
const TO_MOMENT: Refusals = conversions_to!("milliseconds since epoch");
const TO_LIST: Refusals = always("Expected list or null");
const TO_STRUCTURE: Refusals = always("Expected null");
