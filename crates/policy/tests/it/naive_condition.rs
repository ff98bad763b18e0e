//! Conditions, for the naive evaluator.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

use data_encoding::BASE64;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::naive::{Held, Symbol, arn, chars, glob, symbols};

type Keys = BTreeMap<String, Held>;
type Seen = RefCell<BTreeMap<String, (u64, u64)>>;

pub(crate) fn holds(condition: &Value, keys: &Keys, variables: bool, seen: &Seen) -> bool {
    let mut all = true;
    for (operator, block) in condition.as_object().into_iter().flatten() {
        for (key, operands) in block.as_object().unwrap() {
            let holds = test(operator, key, operands, keys, variables);
            let mut seen = seen.borrow_mut();
            if !seen.contains_key(operator) {
                seen.insert(operator.clone(), (0, 0));
            }
            let counts = seen.get_mut(operator).unwrap();
            if holds {
                counts.0 += 1;
            } else {
                counts.1 += 1;
            }
            all &= holds;
        }
    }
    all
}

fn test(operator: &str, key: &str, operands: &Value, keys: &Keys, variables: bool) -> bool {
    let values = match keys.get(&key.to_ascii_lowercase()) {
        None => vec![],
        Some(Held::One(value)) => vec![value.as_str()],
        Some(Held::Many(values)) => values.iter().map(String::as_str).collect(),
    };
    let operands: Vec<String> = match operands {
        Value::Array(list) => list.iter().map(text_of).collect(),
        one => vec![text_of(one)],
    };
    if operator == "Null" {
        return operands.contains(&values.is_empty().to_string());
    }
    let for_all = operator.starts_with("ForAllValues:");
    let for_any = operator.starts_with("ForAnyValue:");
    let base = operator
        .trim_start_matches("ForAllValues:")
        .trim_start_matches("ForAnyValue:");
    let if_exists = base.ends_with("IfExists");
    let base = base.trim_end_matches("IfExists");
    let positive = base.replace("Not", "");
    let negated = base.contains("Not");
    if values.is_empty() {
        return if_exists || for_all || (negated && !for_any);
    }
    let equal = |value: &&str| {
        operands
            .iter()
            .any(|operand| compare(&positive, value, operand, keys, variables))
    };
    match (for_all, for_any, negated) {
        (true, _, false) => values.iter().all(equal),
        (true, _, true) => values.iter().all(|value| !equal(value)),
        (_, true, false) | (_, _, false) => values.iter().any(equal),
        (_, true, true) => values.iter().any(|value| !equal(value)),
        (_, false, true) => !values.iter().any(equal),
    }
}

fn compare(operator: &str, value: &str, operand: &str, keys: &Keys, variables: bool) -> bool {
    if operator.starts_with("Arn") {
        return arn(operand, value, variables, keys);
    }
    let Some(symbols) = symbols(operand, variables, keys) else {
        return false;
    };
    if operator == "StringLike" {
        return glob(&symbols, &chars(value));
    }
    let operand: String = symbols
        .iter()
        .map(|symbol| match symbol {
            Symbol::Star => '*',
            Symbol::Question => '?',
            Symbol::Plain { c, .. } => *c,
        })
        .collect();
    match operator {
        "StringEquals" => value == operand,
        "StringEqualsIgnoreCase" => value.to_lowercase() == operand.to_lowercase(),
        "Bool" => {
            let known = ["true", "false"];
            let (value, operand) = (value.to_lowercase(), operand.to_lowercase());
            known.contains(&value.as_str()) && value == operand
        }
        "BinaryEquals" => {
            let operand = BASE64.decode(operand.as_bytes());
            operand.is_ok_and(|bytes| BASE64.decode(value.as_bytes()) == Ok(bytes))
        }
        "IpAddress" => in_range(value, &operand).unwrap_or(false),
        _ => {
            let order = if let Some(order) = operator.strip_prefix("Numeric") {
                number(value)
                    .zip(number(&operand))
                    .map(|(v, o)| (order, v.total_cmp(&o)))
            } else {
                let order = operator.strip_prefix("Date").unwrap();
                moment(value)
                    .zip(moment(&operand))
                    .map(|(v, o)| (order, v.cmp(&o)))
            };
            order.is_some_and(|(order, found)| match order {
                "Equals" => found.is_eq(),
                "LessThan" => found.is_lt(),
                "LessThanEquals" => found.is_le(),
                "GreaterThan" => found.is_gt(),
                "GreaterThanEquals" => found.is_ge(),
                other => panic!("no order {other}"),
            })
        }
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn number(text: &str) -> Option<f64> {
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || c == '.' || c == '-');
    // Zero has no sign.
    text.parse::<f64>()
        .ok()
        .filter(|_| plain)
        .map(|n| if n == 0.0 { 0.0 } else { n })
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    if let Ok(seconds) = text.parse::<i64>() {
        return OffsetDateTime::from_unix_timestamp(seconds).ok();
    }
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        17 => text.replace('Z', ":00Z"),
        _ => text.to_owned(),
    };
    OffsetDateTime::parse(&full, &Rfc3339).ok()
}

fn in_range(value: &str, range: &str) -> Option<bool> {
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, Some(length.parse::<usize>().ok()?)),
        None => (range, None),
    };
    let (value, network) = (bits(value)?, bits(network)?);
    // An IPv4 address is written with the prefix that maps it into IPv6.
    let written_short = !range.contains(':');
    let length = length.map_or(128, |length| length + if written_short { 96 } else { 0 });
    if length > 128 {
        return None;
    }
    let is_v4 = |bits: &str| bits.starts_with(&mapped());
    let network_is_v4 = length >= 96 && is_v4(&network);
    Some(is_v4(&value) == network_is_v4 && value[..length] == network[..length])
}

/// The address in ones and zeros, IPv4 mapped into IPv6.
fn bits(text: &str) -> Option<String> {
    Some(match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(v4) => format!("{}{:032b}", mapped(), v4.to_bits()),
        IpAddr::V6(v6) => format!("{:0128b}", v6.to_bits()),
    })
}

/// `::ffff:0:0/96`
fn mapped() -> String {
    format!("{}{}", "0".repeat(80), "1".repeat(16))
}
