//! Binary values, given in base64.

use super::operand::Typed;

/// Base64 in its one canonical spelling: two values are equal when their spellings are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binary(Box<str>);

impl Typed for Binary {
    type Value = Self;
    const FORM: &'static str = "base64 with padding";

    fn operand(text: &str) -> Option<Self> {
        let digits = text.trim_end_matches('=');
        let padding = text.len() - digits.len();
        // The bits that padding leaves over have to be zero.
        let spare = match padding {
            0 => 1,
            1 => 4,
            2 => 16,
            _ => return None,
        };
        let last = digits.bytes().next_back().map_or(Some(0), value_of)?;
        let canonical = text.len().is_multiple_of(4)
            && digits.bytes().all(|b| value_of(b).is_some())
            && last % spare == 0;
        canonical.then(|| Self(text.into()))
    }

    fn value(text: &str) -> Option<Self> {
        Self::operand(text)
    }
}

fn value_of(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_base64_is_taken() {
        for text in ["", "QmluYXJ5", "QQ==", "QUI=", "QUJD", "+/+/"] {
            assert!(Binary::operand(text).is_some(), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "Q", "QQ", "QQ=", "QQ===", "QR==", "QUJ=", "====", "Q===", "Q Q=", "-_-_", "QQ==QQ==",
        ] {
            assert_eq!(Binary::operand(text), None, "{text}");
        }
    }
}
