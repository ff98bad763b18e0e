//! A request's members after the type check and before they become a struct.

use crate::field::{Field, Mismatch};
use crate::shape::{Member, Structure};
use base::{Plaintext, Timestamp};
use std::collections::BTreeMap;
use std::iter::repeat;

/// One value of a request, of the JSON type that its shape asks for.
///
/// INVARIANT: no `Debug` and no `Clone`: it may hold a secret.
pub enum Value {
    /// An item of a list, or a value of a map, that was `null`. Always refused by validation.
    Null,
    /// A text that is no secret.
    Text(String),
    /// A sensitive text, or the decoded bytes of a blob.
    Secret(Plaintext),
    /// A whole number.
    Integer(i64),
    /// A number, which is finite.
    Double(f64),
    /// A moment.
    Timestamp(Timestamp),
    /// `true` or `false`.
    Boolean(bool),
    /// The items of a list.
    List(Vec<Self>),
    /// The keys and values of a map. Of a key given twice the last value counts.
    Map(BTreeMap<String, Self>),
    /// The members of a structure.
    Structure(Members),
}

/// The values of a structure's members.
///
/// INVARIANT: one place for each member of the shape, in the shape's order; or none at all, when nothing
/// was given.
/// SECURITY: so what was sent as nothing takes nothing.
pub struct Members {
    shape: &'static Structure,
    values: Vec<Option<Value>>,
}

impl Members {
    /// No values yet.
    pub(crate) fn empty(shape: &'static Structure) -> Self {
        Self {
            shape,
            values: Vec::new(),
        }
    }

    /// Puts `value` in the place of member number `index`, over what was there.
    pub(crate) fn set(&mut self, index: usize, value: Option<Value>) {
        if self.values.is_empty() && value.is_some() {
            self.values.resize_with(self.shape.members.len(), || None);
        }
        if let Some(place) = self.values.get_mut(index) {
            *place = value;
        }
    }

    /// Every member with its value, if it has one.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Member, Option<&Value>)> {
        let given = self.values.iter().map(Option::as_ref);
        self.shape.members.iter().zip(given.chain(repeat(None)))
    }

    /// How many places are held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.values.capacity()
    }

    /// Hands the values out, in the order of the shape.
    pub fn into_values(self) -> Values {
        Values {
            members: self.shape.members.iter(),
            values: self.values.into_iter(),
        }
    }
}

/// The values of a structure, handed out one by one.
pub struct Values {
    members: std::slice::Iter<'static, Member>,
    values: std::vec::IntoIter<Option<Value>>,
}

impl Values {
    /// The value of the next member. Errors when a `T` cannot hold it.
    pub fn take_next<T: Field>(&mut self) -> Result<T, Mismatch> {
        let member = self.members.next().map_or("", |member| member.name);
        T::from_value(self.values.next().flatten()).ok_or(Mismatch { member })
    }
}
