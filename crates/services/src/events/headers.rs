//! Headers of requests to API destinations.
//!
//! SECURITY: names and values are checked before they are written, wherever they come from, so that none can
//! end the header that it stands in. What says how the request is transported, or for whom it is, cannot be
//! given by anybody.

/// Whether `text` may be the name of a header.
pub(super) fn is_name(text: &str) -> bool {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(is_token)
}

/// Whether `text` may be the value of a header that anybody may give.
pub(super) fn is_value(text: &str) -> bool {
    text.bytes()
        .all(|b| b == b'\t' || (b' '..=b'~').contains(&b))
        && text.bytes().any(|b| b != b'\t')
}

/// Whether a header of this name, in lower case, is taken out of what was given.
///
/// COMPAT: those that AWS takes out, without a word; and those of one connection, which AWS does not name.
pub(super) fn is_taken_out(name: &str) -> bool {
    TAKEN_OUT.contains(&name)
}

/// In alphabetical order.
const TAKEN_OUT: [&str; 35] = [
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "warning",
];

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    #[test]
    fn what_says_how_a_request_is_transported_is_taken_out() {
        for name in [
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
            "user-agent",
        ] {
            assert!(is_taken_out(name), "{name}");
        }
        for name in ["authorization", "content-type", "x-api-key", "accept"] {
            assert!(!is_taken_out(name), "{name}");
        }
        assert!(TAKEN_OUT.is_sorted());
    }

    #[test]
    fn nothing_ends_a_header_before_its_end() {
        for text in ["", "a b", "a:b", "a\r\nb", "a,b", "é", "a\0"] {
            assert!(!is_name(text), "{text:?}");
        }
        for text in ["", "\t", "a\r\nb: c", "a\n", "a\0", "\u{7f}", "é"] {
            assert!(!is_value(text), "{text:?}");
        }
        assert!(is_name("X-Api_Key") && is_value(" a\tb~"));
    }

    proptest! {
        #[test]
        fn what_is_let_through_can_be_written(text in any::<String>()) {
            if is_name(&text) {
                prop_assert!(HeaderName::try_from(text.as_str()).is_ok());
            }
            if is_value(&text) {
                prop_assert!(HeaderValue::try_from(text.as_str()).is_ok());
            }
        }
    }
}
