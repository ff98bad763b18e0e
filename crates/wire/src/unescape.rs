use crate::buffer::Buffer;
use zeroize::Zeroizing;

/// The content of `raw`, a JSON string with its quotes.
///
/// Errors when an escape names half of a surrogate pair, and when `raw` is no JSON string at all.
///
/// SECURITY: a general JSON parser unescapes into a scratch buffer that it frees as it is. A secret
/// that is itself JSON is full of escapes, so this one works in memory that is overwritten.
pub(crate) fn unescape(raw: &str) -> Result<Zeroizing<Vec<u8>>, NotAString> {
    let content = raw
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or(NotAString)?;
    // Unescaping never lengthens, so the buffer never grows.
    let mut out = Buffer::with_capacity(content.len());
    let mut rest = content;
    while let Some((plain, after)) = rest.split_once('\\') {
        out.push(plain.as_bytes());
        rest = escape(after, &mut out)?;
    }
    out.push(rest.as_bytes());
    Ok(out.into_bytes())
}

/// The text is not a JSON string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAString;

/// Writes the character that an escape stands for; `after` begins behind the backslash. Gives what
/// follows the escape.
fn escape<'a>(after: &'a str, out: &mut Buffer) -> Result<&'a str, NotAString> {
    let mut chars = after.chars();
    let character = match chars.next().ok_or(NotAString)? {
        same @ ('"' | '\\' | '/') => same,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(chars.as_str(), out),
        _ => return Err(NotAString),
    };
    out.push_char(character);
    Ok(chars.as_str())
}

/// Writes the character of a `\u` escape; `after` begins behind the `u`.
fn unicode<'a>(after: &'a str, out: &mut Buffer) -> Result<&'a str, NotAString> {
    let (first, rest) = hex(after)?;
    if let Some(character) = char::from_u32(first) {
        out.push_char(character);
        return Ok(rest);
    }
    let (second, rest) = hex(rest.strip_prefix("\\u").ok_or(NotAString)?)?;
    let character = match (first, second) {
        (0xd800..=0xdbff, 0xdc00..=0xdfff) => {
            char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
        }
        _ => None,
    };
    out.push_char(character.ok_or(NotAString)?);
    Ok(rest)
}

/// Reads four hexadecimal digits.
fn hex(text: &str) -> Result<(u32, &str), NotAString> {
    let (digits, rest) = text.split_at_checked(4).ok_or(NotAString)?;
    let mut number = 0;
    for digit in digits.chars() {
        number = number * 16 + digit.to_digit(16).ok_or(NotAString)?;
    }
    Ok((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn content(raw: &str) -> Option<String> {
        let bytes = unescape(raw).ok()?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn every_escape_is_undone() {
        let raw = r#""a\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00z""#;

        let text = content(raw);

        assert_eq!(
            text.as_deref(),
            Some("a\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1f600}z")
        );
    }

    #[test]
    fn half_a_pair_and_broken_escapes_are_refused() {
        for raw in [
            r#""\ud800""#,
            r#""\ud800x""#,
            r#""\ud800\n""#,
            r#""\ud800\ud800""#,
            r#""\udc00""#,
            r#""\udc00\udc00""#,
            r#""\u12"#,
            r#""\u12""#,
            r#""\u+123""#,
            r#""\u12é""#,
            r#""\x""#,
            r#""\""#,
            "\"",
            "",
            "x",
        ] {
            assert_eq!(content(raw), None, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_general_parser(text in any::<String>()) {
            let raw = serde_json::to_string(&text).unwrap();

            prop_assert_eq!(content(&raw), Some(text));
        }

        #[test]
        fn agrees_on_random_escapes(inner in r#"([a-z]|\\["\\/bfnrtx]|\\u[dD][89c-fCDEF][0-9a-f]{2}|\\u[0-9a-f]{4}){0,12}"#) {
            let raw = format!("\"{inner}\"");

            let expected = serde_json::from_str::<String>(&raw).ok();

            prop_assert_eq!(content(&raw), expected);
        }
    }
}
