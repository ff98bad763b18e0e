//! `traceparent` of W3C's Trace Context, level 1.

/// The span of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    pub(super) trace: [u8; 16],
    pub(super) span: [u8; 8],
    /// Whether the caller has a span itself.
    pub(super) sampled: bool,
}

impl Parent {
    /// Reads the header. `None` for what is to be taken as if it were not there.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let mut fields = header.split('-');
        let [version]: [u8; 1] = hex(fields.next()?)?;
        let trace = hex(fields.next()?)?;
        let span = hex(fields.next()?)?;
        let [flags]: [u8; 1] = hex(fields.next()?)?;
        // Later versions may have more fields; this one has these.
        let is_whole = version != 0 || fields.next().is_none();
        let is_valid = version != 0xff && trace != [0; 16] && span != [0; 8] && is_whole;
        is_valid.then_some(Self {
            trace,
            span,
            sampled: flags & 1 == 1,
        })
    }
}

/// Lower-case digits, two for each byte.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N.checked_mul(2)? {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else {
            return None;
        };
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn a_header_names_trace_span_and_whether_they_are_sampled() {
        let parent = Parent::parse(&format!("00-{TRACE}-{SPAN}-01")).unwrap();

        assert_eq!(parent.trace[..3], [0x0a, 0xf7, 0x65]);
        assert_eq!(parent.span[6..], [0x33, 0x31]);
        assert!(parent.sampled);
        assert!(
            !Parent::parse(&format!("00-{TRACE}-{SPAN}-00"))
                .unwrap()
                .sampled
        );
        assert!(
            Parent::parse(&format!("01-{TRACE}-{SPAN}-03-more"))
                .unwrap()
                .sampled
        );
    }

    #[test]
    fn what_is_no_header_is_ignored() {
        for header in [
            String::new(),
            format!("00-{TRACE}-{SPAN}"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("00-{}é-{SPAN}-01", "0".repeat(30)),
        ] {
            assert_eq!(Parent::parse(&header), None, "{header}");
        }
    }
}
