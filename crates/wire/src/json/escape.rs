use crate::buffer::Buffer;

/// Appends `text` as a JSON string.
///
/// Only what JSON demands is escaped: quotes, backslashes and control characters.
pub(super) fn push_string(out: &mut Buffer, text: &str) {
    out.reserve(text.len().saturating_add(2));
    out.push_byte(b'"');
    let mut rest = text.as_bytes();
    while let Some(length) = rest.iter().position(|byte| needs_escape(*byte)) {
        let (plain, after) = rest.split_at(length);
        out.push(plain);
        rest = after;
        if let Some((byte, after)) = after.split_first() {
            push_escape(out, *byte);
            rest = after;
        }
    }
    out.push(rest);
    out.push_byte(b'"');
}

const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn push_escape(out: &mut Buffer, byte: u8) {
    match byte {
        b'"' => out.push(b"\\\""),
        b'\\' => out.push(b"\\\\"),
        b'\n' => out.push(b"\\n"),
        b'\r' => out.push(b"\\r"),
        b'\t' => out.push(b"\\t"),
        0x8 => out.push(b"\\b"),
        0xc => out.push(b"\\f"),
        _ => {
            out.push(b"\\u00");
            out.push(&[hex_digit(byte >> 4), hex_digit(byte & 0xf)]);
        }
    }
}

const fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + (nibble - 10),
    }
}
