//! An answer before it is written down, for operations that are asked in several protocols.
//!
//! - Members keep their order; an absent one is left out.
//! - No secret is ever in one: its parts are copied and freed as they are.

#[cfg(test)]
mod tests;

use crate::buffer::{Body, Buffer};
use crate::cbor::Encoder;
use crate::json::{Array, Object, Writer};
use crate::xml::{self, Element};
use base::Timestamp;

/// What an operation answers.
pub trait Output {
    /// Whether its model has an output at all.
    const HAS_RESULT: bool = true;

    /// The members of the answer.
    fn fields(&self) -> Fields;
}

/// The answer of an operation that answers nothing.
impl Output for () {
    const HAS_RESULT: bool = false;

    fn fields(&self) -> Fields {
        Fields::default()
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Double(f64),
    /// A whole number.
    Integer(i64),
    /// A list.
    List(Vec<Self>),
    /// Keys that are data, with their values.
    Map(Vec<(String, Self)>),
    /// Named members.
    Structure(Fields),
    /// A text.
    Text(String),
    /// A moment.
    Timestamp(Timestamp),
}

/// The members of a structure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(Vec<(&'static str, Tree)>);

impl Fields {
    /// The same, with one more member.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Tree>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// The same, with one more member if there is a value.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<impl Into<Tree>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same, with a list.
    #[must_use]
    pub fn with_list<T: Into<Tree>>(
        self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        self.with(
            name,
            Tree::List(items.into_iter().map(Into::into).collect()),
        )
    }

    /// As a JSON object.
    pub fn to_json(&self) -> Body {
        Writer::public(|object| write_object(self, object))
    }

    /// As a CBOR map.
    pub fn to_cbor(&self) -> Body {
        let mut out = Buffer::new();
        write_map(self, &mut Encoder::new(&mut out));
        out.into_body()
    }

    /// As the answer of `action` in awsQuery.
    pub fn to_query(
        &self,
        namespace: &str,
        action: &str,
        request_id: &str,
        has_result: bool,
    ) -> Body {
        let root = format!("{action}Response");
        xml::Writer::public_document(&root, namespace, |root| {
            if has_result {
                let result = format!("{action}Result");
                root.element(&result, |result| write_members(self, result));
            }
            root.element("ResponseMetadata", |metadata| {
                metadata.text("RequestId", request_id);
            });
        })
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$type> for Tree {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

from! {
    bool => Boolean,
    f64 => Double,
    i64 => Integer,
    u32 => Integer,
    Fields => Structure,
    &str => Text,
    &String => Text,
    String => Text,
    Timestamp => Timestamp,
}

fn write_object(fields: &Fields, object: &mut Object<'_>) {
    for (name, value) in &fields.0 {
        write_json(name, value, object);
    }
}

fn write_json(name: &str, value: &Tree, object: &mut Object<'_>) {
    match value {
        Tree::Boolean(truth) => object.boolean(name, *truth),
        Tree::Double(number) => object.double(name, *number),
        Tree::Integer(number) => object.integer(name, *number),
        Tree::List(items) => object.array(name, |array| write_array(items, array)),
        Tree::Map(values) => object.object(name, |inner| write_entries(values, inner)),
        Tree::Structure(fields) => object.object(name, |inner| write_object(fields, inner)),
        Tree::Text(text) => object.text(name, text),
        Tree::Timestamp(moment) => object.timestamp(name, *moment),
    }
}

fn write_entries(values: &[(String, Tree)], object: &mut Object<'_>) {
    for (key, value) in values {
        write_json(key, value, object);
    }
}

fn write_array(items: &[Tree], array: &mut Array<'_>) {
    for item in items {
        match item {
            Tree::Boolean(truth) => array.boolean(*truth),
            Tree::Double(number) => array.double(*number),
            Tree::Integer(number) => array.integer(*number),
            Tree::List(items) => array.array(|inner| write_array(items, inner)),
            Tree::Map(values) => array.object(|inner| write_entries(values, inner)),
            Tree::Structure(fields) => array.object(|inner| write_object(fields, inner)),
            Tree::Text(text) => array.text(text),
            Tree::Timestamp(moment) => array.timestamp(*moment),
        }
    }
}

fn write_members(fields: &Fields, element: &mut Element<'_>) {
    for (name, value) in &fields.0 {
        write_element(name, value, element);
    }
}

fn write_element(name: &str, value: &Tree, element: &mut Element<'_>) {
    match value {
        Tree::Boolean(truth) => element.boolean(name, *truth),
        Tree::Double(number) => element.text(name, &format!("{number:?}")),
        Tree::Integer(number) => element.integer(name, *number),
        Tree::List(items) => element.element(name, |list| {
            for item in items {
                write_element("member", item, list);
            }
        }),
        Tree::Map(values) => element.element(name, |map| {
            for (key, value) in values {
                map.element("entry", |entry| {
                    entry.text("key", key);
                    write_element("value", value, entry);
                });
            }
        }),
        Tree::Structure(fields) => element.element(name, |inner| write_members(fields, inner)),
        Tree::Text(text) => element.text(name, text),
        // COMPAT: to the millisecond, as CloudWatch prints them.
        Tree::Timestamp(moment) => element.text(name, &format!("{}Z", moment.to_iso_millis())),
    }
}

fn write_map(fields: &Fields, encoder: &mut Encoder<'_>) {
    encoder.map(fields.0.len());
    for (name, value) in &fields.0 {
        encoder.text(name);
        write_cbor(value, encoder);
    }
}

fn write_cbor(value: &Tree, encoder: &mut Encoder<'_>) {
    match value {
        Tree::Boolean(truth) => encoder.boolean(*truth),
        Tree::Double(number) => encoder.double(*number),
        Tree::Integer(number) => encoder.integer(*number),
        Tree::List(items) => {
            encoder.array(items.len());
            for item in items {
                write_cbor(item, encoder);
            }
        }
        Tree::Map(values) => {
            encoder.map(values.len());
            for (key, value) in values {
                encoder.text(key);
                write_cbor(value, encoder);
            }
        }
        Tree::Structure(fields) => write_map(fields, encoder),
        Tree::Text(text) => encoder.text(text),
        Tree::Timestamp(moment) => encoder.timestamp(*moment),
    }
}
