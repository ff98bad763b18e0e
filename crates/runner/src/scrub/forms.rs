//! The texts in which a secret may show.

use data_encoding::{BASE64, BASE64URL, Encoding, HEXLOWER, HEXUPPER};
use serde_json::Value;
use zeroize::Zeroizing;

type Text = Zeroizing<Vec<u8>>;

/// Every text that stands for `secret`, or for a string or number in it.
pub(super) fn of(secret: &[u8]) -> Vec<Text> {
    let mut values = vec![owned(secret)];
    let trimmed = secret.trim_ascii();
    if trimmed.len() != secret.len() {
        values.push(owned(trimmed));
    }
    if secret.contains(&b'\n') {
        let lines = secret.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        values.extend(lines.filter(|line| line.len() >= LEAST_LINE).map(owned));
    }
    if let Ok(document) = serde_json::from_slice(secret) {
        strings(document, &mut values);
    }
    let mut forms: Vec<Text> = values.iter().flat_map(|value| written(value)).collect();
    forms.retain(|form| form.len() >= super::LEAST);
    forms.sort_by(|one, other| one.as_slice().cmp(other));
    forms.dedup();
    forms
}

/// Collects the strings and numbers of a JSON document.
fn strings(value: Value, into: &mut Vec<Text>) {
    match value {
        Value::String(text) => into.push(Zeroizing::new(text.into_bytes())),
        Value::Array(items) => items.into_iter().for_each(|item| strings(item, into)),
        Value::Object(members) => {
            for (name, member) in members {
                if !PUBLIC.contains(&name.as_str()) {
                    strings(member, into);
                }
            }
        }
        Value::Number(number) => into.push(Zeroizing::new(number.to_string().into_bytes())),
        Value::Null | Value::Bool(_) => {}
    }
}

fn written(value: &[u8]) -> Vec<Text> {
    let mut forms = vec![owned(value), hex(&HEXLOWER, value), hex(&HEXUPPER, value)];
    for encoding in [&BASE64, &BASE64URL] {
        forms.extend((0..3).map(|offset| base64(encoding, value, offset)));
    }
    for (unreserved, space) in [(b"-_.~".as_slice(), b"%20"), (b"-_.~/", b"%20")] {
        forms.push(percent(value, unreserved, space, &HEXUPPER));
        forms.push(percent(value, unreserved, space, &HEXLOWER));
    }
    forms.push(percent(value, b"-_.~", b"+", &HEXUPPER));
    // As JavaScript's `encodeURIComponent` and HTML forms do.
    forms.push(percent(value, b"-_.~!*'()", b"%20", &HEXUPPER));
    forms.push(percent(value, b"-_.*", b"+", &HEXUPPER));
    if let Ok(text) = std::str::from_utf8(value) {
        let json = escaped(text, Style::Json);
        forms.extend(twice(&json));
        forms.extend(twice(&escaped(text, Style::JsonAscii)));
        forms.push(escaped(text, Style::JsonSlash));
        forms.push(escaped(text, Style::Python));
        forms.push(escaped(text, Style::PythonQuoted));
        forms.push(json);
    }
    forms
}

/// A JSON string in a document that is itself a JSON string, as in a logged request.
fn twice(once: &Text) -> [Text; 2] {
    let again = std::str::from_utf8(once)
        .map_or_else(|_| Zeroizing::default(), |once| escaped(once, Style::Json));
    [once.clone(), again]
}

/// How a text is written inside of quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Json,
    /// Everything outside of ASCII as `\u…`, which is what Python writes.
    JsonAscii,
    /// `/` as `\/`, which is what PHP writes.
    JsonSlash,
    /// `repr` between `'`, when the text has none.
    Python,
    /// `repr` between `'`, when the text has both kinds.
    PythonQuoted,
}

fn escaped(text: &str, style: Style) -> Text {
    let json = !matches!(style, Style::Python | Style::PythonQuoted);
    let mut out = Zeroizing::new(Vec::with_capacity(text.len().saturating_mul(6)));
    for character in text.chars() {
        match character {
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '"' if json => out.extend_from_slice(b"\\\""),
            '\'' if style == Style::PythonQuoted => out.extend_from_slice(b"\\'"),
            '/' if style == Style::JsonSlash => out.extend_from_slice(b"\\/"),
            '\u{8}' if json => out.extend_from_slice(b"\\b"),
            '\u{c}' if json => out.extend_from_slice(b"\\f"),
            control if control.is_ascii_control() && !json => {
                out.extend_from_slice(format!("\\x{:02x}", u32::from(control)).as_bytes());
            }
            control if control.is_ascii_control() && control != '\u{7f}' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(control)).as_bytes());
            }
            wide if style == Style::JsonAscii && !wide.is_ascii() => {
                for unit in wide.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
            plain => out.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

fn percent(value: &[u8], unreserved: &[u8], space: &[u8], digits: &Encoding) -> Text {
    let mut out = Zeroizing::new(Vec::with_capacity(value.len().saturating_mul(3)));
    for byte in value {
        if byte.is_ascii_alphanumeric() || unreserved.contains(byte) {
            out.push(*byte);
        } else if *byte == b' ' {
            out.extend_from_slice(space);
        } else {
            out.push(b'%');
            out.extend_from_slice(digits.encode(&[*byte]).as_bytes());
        }
    }
    out
}

/// The characters of base64 that `value` alone decides when `offset` bytes come before it, as in
/// `user:password`.
fn base64(encoding: &Encoding, value: &[u8], offset: usize) -> Text {
    let mut shifted = Zeroizing::new(vec![0; offset]);
    shifted.extend_from_slice(value);
    let encoded = Zeroizing::new(encoding.encode(&shifted).into_bytes());
    let first = [0, 2, 3].get(offset).copied().unwrap_or(0);
    let last = shifted.len().saturating_mul(8).saturating_div(6);
    owned(encoded.get(first..last).unwrap_or_default())
}

fn hex(encoding: &Encoding, value: &[u8]) -> Text {
    Zeroizing::new(encoding.encode(value).into_bytes())
}

fn owned(bytes: &[u8]) -> Text {
    Zeroizing::new(bytes.to_vec())
}

/// Members of a database secret, as the guide shapes it, that say where it is and not how to get in.
const PUBLIC: [&str; 9] = [
    "dbClusterIdentifier",
    "dbInstanceIdentifier",
    "dbname",
    "engine",
    "host",
    "masterarn",
    "port",
    "ssl",
    "superuserArn",
];
/// A line of a key in PEM is longer; a shorter line of a text hits too much.
const LEAST_LINE: usize = 8;
