use std::borrow::Cow;

/// Appends `bytes` with everything but letters, digits and `-._~` written as `%XX`.
pub(crate) fn push_encoded(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(*byte);
        } else {
            out.extend([b'%', hex_digit(byte >> 4), hex_digit(byte & 0x0f)]);
        }
    }
}

/// The same as text.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    push_encoded(&mut out, text.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

/// The pairs of a query, decoded, in the order sent. A part without an equal-sign has no value.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
}

/// Undoes percent-encoding. A `%` that begins no escape stands for itself.
///
/// SECURITY: a plus is a space, as for whoever reads the parameters of a form; were it a plus here,
/// `+` and `%2B` would share a signature and yet mean two things.
fn decoded(text: &str) -> Cow<'_, [u8]> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return Cow::Owned(out),
            [b'+', tail @ ..] => {
                out.push(b' ');
                tail
            }
            [b'%', high, low, tail @ ..] if let Some(byte) = unhex(*high, *low) => {
                out.push(byte);
                tail
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
    }
}

fn unhex(high: u8, low: u8) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(value(high)? * 16 + value(low)?).ok()
}

fn hex_digit(value: u8) -> u8 {
    match value {
        0..=9 => b'0' + value,
        _ => b'A' + value - 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(query: &str) -> Vec<(String, String)> {
        let text = |bytes: Cow<'_, [u8]>| String::from_utf8_lossy(&bytes).into_owned();
        query_pairs(query)
            .map(|(name, value)| (text(name), text(value)))
            .collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encoded("aZ09-._~"), "aZ09-._~");
        assert_eq!(encoded("a b/ሴ*"), "a%20b%2F%E1%88%B4%2A");
    }

    #[test]
    fn a_query_falls_into_decoded_pairs() {
        assert_eq!(
            pairs("b=2&a=%31&&c&d=e=f"),
            [
                pair("b", "2"),
                pair("a", "1"),
                pair("c", ""),
                pair("d", "e=f")
            ]
        );
        assert_eq!(pairs(""), []);
    }

    #[test]
    fn a_plus_and_an_escaped_plus_differ() {
        assert_eq!(pairs("a=1+2"), [pair("a", "1 2")]);
        assert_eq!(pairs("a=1%2B2"), [pair("a", "1+2")]);
        assert_eq!(pairs("a=1%2b2"), [pair("a", "1+2")]);
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        assert_eq!(
            pairs("a=%&b=%4&c=%zz"),
            [pair("a", "%"), pair("b", "%4"), pair("c", "%zz")]
        );
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in ".*") {
            let written = encoded(&text);

            prop_assert_eq!(decoded(&written).into_owned(), text.into_bytes());
        }
    }
}
