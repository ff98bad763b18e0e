#[cfg(test)]
mod tests;

use serde_json::Value;

/// `document` as a form: structures with dots, items numbered under `member`, an empty list as an
/// empty value. A `null` is left out, so that among items it leaves a gap.
///
/// A form has no way to say a structure without members. It is given one that no shape names.
pub fn form(document: &Value, action: &str, version: &str) -> Vec<u8> {
    let mut pairs = vec![pair("Action", action), pair("Version", version)];
    if let Value::Object(fields) = document {
        for (name, value) in fields {
            write_value(name, value, &mut pairs);
        }
    }
    pairs.join("&").into_bytes()
}

fn write_value(name: &str, value: &Value, pairs: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Bool(truth) => pairs.push(pair(name, &truth.to_string())),
        Value::Number(number) => pairs.push(pair(name, &number.to_string())),
        Value::String(text) => pairs.push(pair(name, text)),
        Value::Array(items) if items.is_empty() => pairs.push(pair(name, "")),
        Value::Array(items) => {
            for (item, number) in items.iter().zip(1..) {
                write_value(&format!("{name}.member.{number}"), item, pairs);
            }
        }
        Value::Object(fields) if fields.is_empty() => {
            pairs.push(pair(&format!("{name}.{NAMED_BY_NONE}"), ""));
        }
        Value::Object(fields) => {
            for (field, value) in fields {
                write_value(&format!("{name}.{field}"), value, pairs);
            }
        }
    }
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", percent_encoded(name), percent_encoded(value))
}

/// `text` with every byte encoded but those that never need it.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A name that no member has.
const NAMED_BY_NONE: &str = "NamedByNone";
