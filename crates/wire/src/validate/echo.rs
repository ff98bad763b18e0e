use crate::path::LowerCamel;
use crate::value::{Members, Value};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// `value` as a refusal shows it: a list as `[a, b]`, a structure as `{key=a, value=b}`.
///
/// COMPAT: AWS shows the whole value. Here it ends after [`MOST_SHOWN`] characters with `...`, so
/// that a refusal stays short whatever was sent.
pub(super) fn echo(value: &Value) -> String {
    let mut shown = Shown {
        text: String::new(),
        room: MOST_SHOWN,
    };
    // The only error is that the room is used up.
    if write_value(value, &mut shown).is_err() {
        shown.text.push_str("...");
    }
    shown.text
}

fn write_value(value: &Value, out: &mut Shown) -> fmt::Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Text(text) => out.write_str(text),
        // SECURITY: never asked for, as a confidential shape is not echoed; and not shown if it were.
        Value::Secret(_) => Ok(()),
        Value::Integer(number) => write!(out, "{number}"),
        Value::Double(number) => write!(out, "{number:?}"),
        Value::Timestamp(moment) => out.write_str(&moment.to_iso()),
        Value::Boolean(truth) => write!(out, "{truth}"),
        Value::List(items) => write_list(items, out),
        Value::Map(values) => write_map(values, out),
        Value::Structure(members) => write_structure(members, out),
    }
}

fn write_list(items: &[Value], out: &mut Shown) -> fmt::Result {
    out.write_char('[')?;
    let mut separator = "";
    for item in items {
        out.write_str(separator)?;
        write_value(item, out)?;
        separator = ", ";
    }
    out.write_char(']')
}

fn write_map(values: &BTreeMap<String, Value>, out: &mut Shown) -> fmt::Result {
    out.write_char('{')?;
    let mut separator = "";
    for (key, value) in values {
        write!(out, "{separator}{key}=")?;
        write_value(value, out)?;
        separator = ", ";
    }
    out.write_char('}')
}

fn write_structure(members: &Members, out: &mut Shown) -> fmt::Result {
    out.write_char('{')?;
    let mut separator = "";
    for (member, value) in members.iter() {
        if let Some(value) = value {
            write!(out, "{separator}{}=", LowerCamel(member.name))?;
            write_value(value, out)?;
            separator = ", ";
        }
    }
    out.write_char('}')
}

/// Text of bounded length. Writing errors when there is no more room.
struct Shown {
    text: String,
    room: usize,
}

impl Write for Shown {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.room == 0 {
                return Err(fmt::Error);
            }
            self.room -= 1;
            self.text.push(character);
        }
        Ok(())
    }
}

/// How many characters of a value are shown.
const MOST_SHOWN: usize = 1_024;
