//! Typed output to XML, for the answers of awsQuery.
//!
//! - Text and attributes are escaped; names of elements come from our own tables and are not.
//! - COMPAT: a character that XML 1.0 cannot carry (most control characters, U+FFFE, U+FFFF)
//!   becomes U+FFFD, so that every answer is well-formed. A carriage return is written as a
//!   reference, as a reader would turn a bare one into a line feed.

use crate::buffer::{Body, Buffer};

/// Builds an XML body.
pub struct Writer;

impl Writer {
    /// The document whose root is `name` in `namespace`, with the content that `write` writes.
    pub fn document(name: &str, namespace: &str, write: impl FnOnce(&mut Element<'_>)) -> Body {
        let mut out = Buffer::new();
        push_all(&mut out, &["<", name, " xmlns=\""]);
        push_escaped(&mut out, namespace);
        out.push(b"\">");
        write(&mut Element { out: &mut out });
        push_all(&mut out, &["</", name, ">"]);
        out.into_body()
    }
}

/// The content of an element under construction.
pub struct Element<'a> {
    out: &'a mut Buffer,
}

impl Element<'_> {
    /// An element with the content that `write` writes.
    pub fn element(&mut self, name: &str, write: impl FnOnce(&mut Element<'_>)) {
        push_all(self.out, &["<", name, ">"]);
        write(&mut Element { out: self.out });
        push_all(self.out, &["</", name, ">"]);
    }

    /// An element with nothing but `text` in it.
    pub fn text(&mut self, name: &str, text: &str) {
        self.element(name, |element| push_escaped(element.out, text));
    }
}

fn push_all(out: &mut Buffer, parts: &[&str]) {
    for part in parts {
        out.push(part.as_bytes());
    }
}

/// Appends `text` so that it stands for itself both between tags and in a quoted attribute.
fn push_escaped(out: &mut Buffer, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push(b"&amp;"),
            '<' => out.push(b"&lt;"),
            '>' => out.push(b"&gt;"),
            '"' => out.push(b"&quot;"),
            '\'' => out.push(b"&#39;"),
            '\r' => out.push(b"&#13;"),
            '\t' => out.push(b"&#9;"),
            '\n' => out.push(b"&#10;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push_char('\u{fffd}'),
            _ => out.push_char(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let body = Writer::document("R", "urn:x", |root| root.text("T", text));
        String::from_utf8(body.as_ref().to_vec()).unwrap()
    }

    /// Undoes the references that the writer makes.
    fn read_back(document: &str) -> Option<String> {
        let escaped = document
            .strip_prefix("<R xmlns=\"urn:x\"><T>")?
            .strip_suffix("</T></R>")?;
        let unescaped = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&#13;", "\r"),
            ("&#9;", "\t"),
            ("&#10;", "\n"),
            ("&amp;", "&"),
        ]
        .iter()
        .fold(escaped.to_owned(), |text, (reference, character)| {
            text.replace(reference, character)
        });
        (!escaped.contains(['<', '>', '"', '\''])).then_some(unescaped)
    }

    #[test]
    fn elements_nest_and_text_is_escaped() {
        let body = Writer::document("Root", "a\"b&c", |root| {
            root.element("Outer", |outer| {
                outer.text("Inner", "<a & \"b\" 'c'>");
                outer.text("Empty", "");
            });
        });

        assert_eq!(
            std::str::from_utf8(body.as_ref()).unwrap(),
            "<Root xmlns=\"a&quot;b&amp;c\"><Outer>\
             <Inner>&lt;a &amp; &quot;b&quot; &#39;c&#39;&gt;</Inner><Empty></Empty>\
             </Outer></Root>"
        );
    }

    #[test]
    fn characters_that_xml_cannot_carry_are_replaced() {
        let document = written("a\u{0}b\u{1f}c\u{fffe}d\u{ffff}e\u{7f}\r\n\t");

        assert_eq!(
            document,
            "<R xmlns=\"urn:x\"><T>a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{7f}&#13;&#10;&#9;</T></R>"
        );
    }

    proptest! {
        #[test]
        fn text_reads_back(text in any::<String>()) {
            let carried: String = text
                .chars()
                .map(|c| match c {
                    '\t' | '\n' | '\r' => c,
                    '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
                    _ => c,
                })
                .collect();

            prop_assert_eq!(read_back(&written(&text)), Some(carried));
        }
    }
}
