//! Typed output to XML, for the answers of awsQuery.
//!
//! - Text and attributes are escaped; names of elements come from our own tables and are not.
//! - COMPAT: a character that XML 1.0 cannot carry (most control characters, U+FFFE, U+FFFF)
//!   becomes U+FFFD, so that every answer is well-formed. A carriage return is written as a
//!   reference, as a reader would turn a bare one into a line feed.
//! - A secret goes straight into the buffer, which is overwritten when it is dropped and when it
//!   grows (see [`Body`]), and is never altered: one that XML cannot carry refuses the document.
//! - An absent member is left out; a list without items is an empty element.
//! - COMPAT: moments are ISO 8601 in UTC, to the second, as IAM and STS print them.

#[cfg(test)]
mod tests;

use crate::buffer::{Body, Buffer};
use base::{Plaintext, Timestamp};
use std::fmt::Write as _;

/// What an operation answers.
pub trait Output {
    /// Whether the answer has a `…Result` element. Without one nothing is written.
    const HAS_RESULT: bool = true;

    /// Writes the members of the answer.
    fn write(&self, element: &mut Element<'_>);
}

/// Builds an XML body.
pub struct Writer {
    out: Buffer,
    not_text: bool,
}

impl Writer {
    /// The document whose root is `name` in `namespace`, with the content that `write` writes.
    /// Errors when a [`Plaintext`] written as text is not UTF-8, or has a character that XML cannot
    /// carry.
    pub fn document(
        name: &str,
        namespace: &str,
        write: impl FnOnce(&mut Element<'_>),
    ) -> Result<Body, NotText> {
        let writer = Self::written(name, namespace, write);
        if writer.not_text {
            Err(NotText)
        } else {
            Ok(writer.out.into_body())
        }
    }

    /// The same of a document without secrets, which is never refused.
    pub(crate) fn public_document(
        name: &str,
        namespace: &str,
        write: impl FnOnce(&mut Element<'_>),
    ) -> Body {
        Self::written(name, namespace, write).out.into_body()
    }

    fn written(name: &str, namespace: &str, write: impl FnOnce(&mut Element<'_>)) -> Self {
        let mut writer = Self {
            out: Buffer::new(),
            not_text: false,
        };
        push_all(&mut writer.out, &["<", name, " xmlns=\""]);
        push_escaped(&mut writer.out, namespace);
        writer.out.push(b"\">");
        write(&mut Element {
            writer: &mut writer,
        });
        push_all(&mut writer.out, &["</", name, ">"]);
        writer
    }
}

/// The content of an element under construction.
pub struct Element<'a> {
    writer: &'a mut Writer,
}

impl Element<'_> {
    /// An element with the content that `write` writes: a structure.
    pub fn element(&mut self, name: &str, write: impl FnOnce(&mut Element<'_>)) {
        push_all(&mut self.writer.out, &["<", name, ">"]);
        write(&mut Element {
            writer: self.writer,
        });
        push_all(&mut self.writer.out, &["</", name, ">"]);
    }

    /// An element with nothing but `text` in it.
    pub fn text(&mut self, name: &str, text: &str) {
        self.element(name, |element| push_escaped(&mut element.writer.out, text));
    }

    /// A text, if there is one.
    pub fn opt_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A whole number.
    pub fn integer(&mut self, name: &str, number: i64) {
        self.element(name, |element| {
            // Writing to a buffer cannot fail.
            let _ = write!(element.writer.out, "{number}");
        });
    }

    /// A whole number, if there is one.
    pub fn opt_integer(&mut self, name: &str, number: Option<i64>) {
        if let Some(number) = number {
            self.integer(name, number);
        }
    }

    /// A Boolean.
    pub fn boolean(&mut self, name: &str, truth: bool) {
        self.text(name, if truth { "true" } else { "false" });
    }

    /// A Boolean, if there is one.
    pub fn opt_boolean(&mut self, name: &str, truth: Option<bool>) {
        if let Some(truth) = truth {
            self.boolean(name, truth);
        }
    }

    /// A moment in UTC, to the second.
    pub fn timestamp(&mut self, name: &str, moment: Timestamp) {
        self.text(name, &moment.to_iso());
    }

    /// A moment in UTC, to the second, if there is one.
    pub fn opt_timestamp(&mut self, name: &str, moment: Option<Timestamp>) {
        if let Some(moment) = moment {
            self.timestamp(name, moment);
        }
    }

    /// A secret, as text. When it is no text that XML can carry, the whole document is refused at
    /// the end: a replaced character would make it another secret.
    pub fn plaintext(&mut self, name: &str, secret: &Plaintext) {
        match std::str::from_utf8(secret.expose()) {
            Ok(text) if text.chars().all(is_carried) => self.text(name, text),
            _ => self.writer.not_text = true,
        }
    }

    /// A list of texts.
    pub fn texts<T: AsRef<str>>(&mut self, name: &str, texts: impl IntoIterator<Item = T>) {
        self.element(name, |list| {
            for text in texts {
                list.text(MEMBER, text.as_ref());
            }
        });
    }

    /// A list of structures, one for each item.
    pub fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(T, &mut Element<'_>),
    ) {
        self.element(name, |list| {
            for item in items {
                list.element(MEMBER, |member| write(item, member));
            }
        });
    }
}

/// A secret that was to be written as text is none, or none that XML can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret that should be text has bytes that XML cannot carry")]
pub struct NotText;

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
            _ if is_carried(character) => out.push_char(character),
            _ => out.push_char('\u{fffd}'),
        }
    }
}

/// Whether XML 1.0 has a way to say `character`.
const fn is_carried(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// What the items of every list are called.
const MEMBER: &str = "member";
