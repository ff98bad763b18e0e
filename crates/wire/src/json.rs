//! Typed output to the JSON of an answer.
//!
//! - Text goes straight into one buffer, without intermediate strings; the buffer is overwritten
//!   when it is dropped and when it grows (see [`Body`]).
//! - An absent member is left out; `null` is never written.
//! - COMPAT: a timestamp is a number of seconds with at most three decimals, in the shortest form:
//!   `1523477145.713`, `1523923200`.

mod escape;
#[cfg(test)]
mod tests;

use crate::buffer::{Body, Buffer};
use base::{Plaintext, Timestamp};
use data_encoding::BASE64;
use escape::push_string;
use std::fmt::Write as _;

/// What an operation answers.
pub trait Output {
    /// Writes the members of the answer.
    fn write(&self, object: &mut Object<'_>);
}

/// The answer of an operation that answers nothing.
impl Output for () {
    fn write(&self, _: &mut Object<'_>) {}
}

/// Builds a JSON body.
pub struct Writer {
    out: Buffer,
    not_text: bool,
}

impl Writer {
    /// The object whose members `write` writes. Errors when a [`Plaintext`] written as text is not
    /// UTF-8.
    pub fn object(write: impl FnOnce(&mut Object<'_>)) -> Result<Body, NotText> {
        let mut writer = Self::new();
        writer.write_object(write);
        if writer.not_text {
            Err(NotText)
        } else {
            Ok(writer.out.into_body())
        }
    }

    /// The object of an operation's answer. Errors as [`Writer::object`] does.
    pub fn output(output: &impl Output) -> Result<Body, NotText> {
        Self::object(|object| output.write(object))
    }

    /// The object whose members `write` writes, as text. Of an object without secrets only, as a
    /// `String` is not overwritten.
    pub(crate) fn public_object(write: impl FnOnce(&mut Object<'_>)) -> String {
        let mut writer = Self::new();
        writer.write_object(write);
        let bytes = std::mem::take(&mut *writer.out.into_bytes());
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// The object whose members `write` writes, none of which is a [`Plaintext`].
    pub(crate) fn public(write: impl FnOnce(&mut Object<'_>)) -> Body {
        let mut writer = Self::new();
        writer.write_object(write);
        writer.out.into_body()
    }

    fn new() -> Self {
        Self {
            out: Buffer::new(),
            not_text: false,
        }
    }

    fn write_object(&mut self, write: impl FnOnce(&mut Object<'_>)) {
        self.out.push_byte(b'{');
        write(&mut Object {
            writer: self,
            is_empty: true,
        });
        self.out.push_byte(b'}');
    }

    fn write_array(&mut self, write: impl FnOnce(&mut Array<'_>)) {
        self.out.push_byte(b'[');
        write(&mut Array {
            writer: self,
            is_empty: true,
        });
        self.out.push_byte(b']');
    }

    fn write_integer(&mut self, number: i64) {
        // Writing to a buffer cannot fail.
        let _ = write!(self.out, "{number}");
    }

    /// As `1.0` or `0.25`. What JSON has no number for is 0.
    fn write_double(&mut self, number: f64) {
        let number = if number.is_finite() { number } else { 0.0 };
        // Writing to a buffer cannot fail.
        let _ = write!(self.out, "{number:?}");
    }

    fn write_boolean(&mut self, truth: bool) {
        self.out.push(if truth { b"true" } else { b"false" });
    }

    fn write_timestamp(&mut self, moment: Timestamp) {
        let millis = moment.as_millis();
        if millis < 0 {
            self.out.push_byte(b'-');
        }
        let (seconds, rest) = (millis.unsigned_abs() / 1_000, millis.unsigned_abs() % 1_000);
        // Writing to a buffer cannot fail.
        let _ = match rest {
            0 => write!(self.out, "{seconds}"),
            rest if rest % 100 == 0 => write!(self.out, "{seconds}.{}", rest / 100),
            rest if rest % 10 == 0 => write!(self.out, "{seconds}.{:02}", rest / 10),
            rest => write!(self.out, "{seconds}.{rest:03}"),
        };
    }
}

/// A JSON object under construction. The keys of one object must differ.
pub struct Object<'a> {
    writer: &'a mut Writer,
    is_empty: bool,
}

impl Object<'_> {
    /// A text.
    pub fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        push_string(&mut self.writer.out, text);
    }

    /// A text, if there is one.
    pub fn opt_text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// A whole number.
    pub fn integer(&mut self, key: &str, number: i64) {
        self.key(key);
        self.writer.write_integer(number);
    }

    /// A whole number, if there is one.
    pub fn opt_integer(&mut self, key: &str, number: Option<i64>) {
        if let Some(number) = number {
            self.integer(key, number);
        }
    }

    /// A number.
    pub fn double(&mut self, key: &str, number: f64) {
        self.key(key);
        self.writer.write_double(number);
    }

    /// A Boolean.
    pub fn boolean(&mut self, key: &str, truth: bool) {
        self.key(key);
        self.writer.write_boolean(truth);
    }

    /// A Boolean, if there is one.
    pub fn opt_boolean(&mut self, key: &str, truth: Option<bool>) {
        if let Some(truth) = truth {
            self.boolean(key, truth);
        }
    }

    /// A moment, in seconds.
    pub fn timestamp(&mut self, key: &str, moment: Timestamp) {
        self.key(key);
        self.writer.write_timestamp(moment);
    }

    /// A moment, in seconds, if there is one.
    pub fn opt_timestamp(&mut self, key: &str, moment: Option<Timestamp>) {
        if let Some(moment) = moment {
            self.timestamp(key, moment);
        }
    }

    /// A secret, as text. When it is not UTF-8 the whole body is refused at the end.
    pub fn plaintext(&mut self, key: &str, secret: &Plaintext) {
        self.key(key);
        match std::str::from_utf8(secret.expose()) {
            Ok(text) => push_string(&mut self.writer.out, text),
            Err(_) => self.writer.not_text = true,
        }
    }

    /// Secret bytes, as base64.
    pub fn blob(&mut self, key: &str, secret: &Plaintext) {
        self.key(key);
        let out = &mut self.writer.out;
        out.push_byte(b'"');
        let blank = out.push_blank(BASE64.encode_len(secret.len()));
        BASE64.encode_mut(secret.expose(), blank);
        out.push_byte(b'"');
    }

    /// Bytes that are no secret, such as a ciphertext, as base64.
    pub fn bytes(&mut self, key: &str, bytes: &[u8]) {
        self.text(key, &BASE64.encode(bytes));
    }

    /// A list of texts.
    pub fn texts<T: AsRef<str>>(&mut self, key: &str, texts: impl IntoIterator<Item = T>) {
        self.array(key, |array| {
            for text in texts {
                array.text(text.as_ref());
            }
        });
    }

    /// An object. Also writes a map, its keys being data.
    pub fn object(&mut self, key: &str, write: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        self.writer.write_object(write);
    }

    /// A list of objects, one for each item.
    pub fn objects<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(T, &mut Object<'_>),
    ) {
        self.array(key, |array| {
            for item in items {
                array.object(|object| write(item, object));
            }
        });
    }

    /// A list.
    pub fn array(&mut self, key: &str, write: impl FnOnce(&mut Array<'_>)) {
        self.key(key);
        self.writer.write_array(write);
    }

    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.writer.out.push_byte(b',');
        }
        push_string(&mut self.writer.out, key);
        self.writer.out.push_byte(b':');
    }
}

/// A JSON array under construction.
pub struct Array<'a> {
    writer: &'a mut Writer,
    is_empty: bool,
}

impl Array<'_> {
    /// A text.
    pub fn text(&mut self, text: &str) {
        self.separate();
        push_string(&mut self.writer.out, text);
    }

    /// A whole number.
    pub fn integer(&mut self, number: i64) {
        self.separate();
        self.writer.write_integer(number);
    }

    /// A number.
    pub fn double(&mut self, number: f64) {
        self.separate();
        self.writer.write_double(number);
    }

    /// A moment, in seconds.
    pub fn timestamp(&mut self, moment: Timestamp) {
        self.separate();
        self.writer.write_timestamp(moment);
    }

    /// A Boolean.
    pub fn boolean(&mut self, truth: bool) {
        self.separate();
        self.writer.write_boolean(truth);
    }

    /// An object.
    pub fn object(&mut self, write: impl FnOnce(&mut Object<'_>)) {
        self.separate();
        self.writer.write_object(write);
    }

    /// A list.
    pub fn array(&mut self, write: impl FnOnce(&mut Array<'_>)) {
        self.separate();
        self.writer.write_array(write);
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_empty) {
            self.writer.out.push_byte(b',');
        }
    }
}

/// The body of an error: `{"__type":"<code>","Message":"<text>"}`.
pub fn error_body(code: &str, message: Option<&str>, key: MessageKey) -> Body {
    let mut writer = Writer::new();
    writer.write_object(|object| {
        object.text("__type", code);
        object.opt_text(key.name(), message);
    });
    writer.out.into_body()
}

/// How an error names its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKey {
    /// `Message`: errors of a service, refusals of permission among them.
    Upper,
    /// `message`: errors of the front end, such as a [`crate::Rejection`].
    Lower,
}

impl MessageKey {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Upper => "Message",
            Self::Lower => "message",
        }
    }
}

/// A secret that was to be written as text is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret that should be text is not valid UTF-8")]
pub struct NotText;
