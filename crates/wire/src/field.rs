//! From values to the fields of a struct, and the macro that declares both.

#[cfg(test)]
mod tests;

use crate::shape::{Shape, Structure};
use crate::value::{Members, Value};
use base::{Plaintext, Timestamp};
use std::collections::BTreeMap;

/// What an operation takes: a struct with the shape that requests for it must have.
///
/// Declared by [`input!`](crate::input), never by hand.
pub trait Input: Sized {
    /// The members and their constraints.
    const SHAPE: &'static Structure;

    /// Moves the values into the struct. Errors when they were not parsed by [`Self::SHAPE`], or
    /// were not validated.
    fn take(members: Members) -> Result<Self, Mismatch>;
}

/// A type that a member can be read into.
pub trait Field: Sized {
    /// What values it can hold.
    const KIND: Kind;

    /// The field for `value`, where `None` is an absent member. `None` when it cannot hold it.
    fn from_value(value: Option<Value>) -> Option<Self>;
}

/// Which values a [`Field`] can hold.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text that is no secret.
    Text,
    /// Sensitive text, or a blob.
    Plaintext,
    /// A whole number.
    Integer,
    /// A number.
    Double,
    /// A moment.
    Timestamp,
    /// `true` or `false`.
    Boolean,
    /// A list of the kind.
    List(&'static Self),
    /// A map from texts to the kind.
    Map(&'static Self),
    /// A structure.
    Structure,
    /// The kind, or nothing.
    Optional(&'static Self),
}

impl Kind {
    /// Whether every value of `shape` can be held.
    pub const fn fits(&self, shape: &Shape) -> bool {
        match (self, shape) {
            (Self::Text, Shape::Text(text)) => !text.sensitive,
            (Self::Plaintext, Shape::Text(text)) => text.sensitive,
            (Self::List(item), Shape::List(list)) => item.fits(list.item),
            (Self::Map(value), Shape::Map(map)) => value.fits(map.value),
            (Self::Optional(kind), _) => kind.fits(shape),
            (Self::Plaintext, Shape::Blob { .. })
            | (Self::Integer, Shape::Integer(_))
            | (Self::Double, Shape::Double)
            | (Self::Timestamp, Shape::Timestamp)
            | (Self::Boolean, Shape::Boolean)
            | (Self::Structure, Shape::Structure(_)) => true,
            _ => false,
        }
    }

    /// Whether an absent member can be held.
    pub const fn is_optional(&self) -> bool {
        matches!(self, Self::Optional(_))
    }
}

/// A member's value does not fit the field that it is to be read into: a mistake of ours, not of
/// the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("member `{member}` does not fit the field that it is to be read into")]
pub struct Mismatch {
    /// The member's name on the wire.
    pub member: &'static str,
}

impl Field for String {
    const KIND: Kind = Kind::Text;

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl Field for Plaintext {
    const KIND: Kind = Kind::Plaintext;

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Secret(secret)) => Some(secret),
            _ => None,
        }
    }
}

impl Field for i64 {
    const KIND: Kind = Kind::Integer;

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        }
    }
}

impl Field for f64 {
    const KIND: Kind = Kind::Double;

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Double(number)) => Some(number),
            _ => None,
        }
    }
}

impl Field for Timestamp {
    const KIND: Kind = Kind::Timestamp;

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Timestamp(moment)) => Some(moment),
            _ => None,
        }
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Boolean;

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Boolean(truth)) => Some(truth),
            _ => None,
        }
    }
}

impl<T: Field> Field for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::List(items)) => items
                .into_iter()
                .map(|item| T::from_value(Some(item)))
                .collect(),
            _ => None,
        }
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    const KIND: Kind = Kind::Map(&T::KIND);

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            Some(Value::Map(values)) => values
                .into_iter()
                .map(|(key, value)| Some((key, T::from_value(Some(value))?)))
                .collect(),
            _ => None,
        }
    }
}

impl<T: Field> Field for Option<T> {
    const KIND: Kind = Kind::Optional(&T::KIND);

    fn from_value(value: Option<Value>) -> Option<Self> {
        match value {
            None => Some(None),
            present => T::from_value(present).map(Some),
        }
    }
}

/// Declares a struct that an operation takes, and the shape of its requests, together.
///
/// Each field reads `name: Type = flags "WireName" SHAPE`, where the flags are any of `required` and
/// `audited` and `SHAPE` is the path of a constant [`Shape`]. The type is `String`, [`Plaintext`]
/// (sensitive text or a blob), `i64`, `f64`, [`Timestamp`], `bool`, another struct so declared, or a `Vec` of one
/// of these or a `BTreeMap` from `String` to it; and it is an `Option` exactly when the member is not required. A struct without fields is
/// what an operation without parameters takes. The struct derives nothing, since it may hold a
/// secret.
///
/// ```
/// use base::Plaintext;
/// use wire::{Input as _, Shape};
/// # use strongroom_wire as wire;
///
/// const SECRET_ID: Shape = Shape::text(1, 2048);
/// const SECRET_STRING: Shape = Shape::text(1, 65_536).sensitive();
///
/// wire::input! {
///     /// What `PutSecretValue` takes.
///     pub struct Input {
///         /// The secret's name or ARN.
///         pub secret_id: String = required audited "SecretId" SECRET_ID,
///         /// The new value.
///         pub secret_string: Option<Plaintext> = "SecretString" SECRET_STRING,
///     }
/// }
///
/// let parsed = wire::parse(Input::SHAPE, br#"{"SecretId":"db","SecretString":"hunter2"}"#)?;
/// assert_eq!(parsed.request_parameters(), r#"{"secretId":"db"}"#);
/// parsed.validate()?;
/// let input: Input = parsed.into_input()?;
/// assert_eq!(input.secret_id, "db");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A sensitive text does not fit a `String`:
///
/// ```compile_fail,E0080
/// # use strongroom_wire as wire;
/// const SECRET_STRING: wire::Shape = wire::Shape::text(1, 65_536).sensitive();
/// wire::input! {
///     struct Input {
///         secret_string: Option<String> = "SecretString" SECRET_STRING,
///     }
/// }
/// # fn main() {}
/// ```
///
/// An optional member needs an `Option`:
///
/// ```compile_fail,E0080
/// # use strongroom_wire as wire;
/// const SECRET_ID: wire::Shape = wire::Shape::text(1, 2048);
/// wire::input! {
///     struct Input {
///         secret_id: String = "SecretId" SECRET_ID,
///     }
/// }
/// # fn main() {}
/// ```
///
/// A sensitive member cannot be audited:
///
/// ```compile_fail,E0080
/// # use strongroom_wire as wire;
/// const BYTES: wire::Shape = wire::Shape::blob(1, 65_536);
/// wire::input! {
///     struct Input {
///         bytes: Option<base::Plaintext> = audited "SecretBinary" BYTES,
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! input {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[$field_meta:meta])*
                $field_visibility:vis $field:ident: $type:ty =
                    $($flag:ident)* $wire_name:literal $shape:expr
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $visibility struct $name {
            $(
                $(#[$field_meta])*
                $field_visibility $field: $type,
            )+
        }

        impl $crate::Input for $name {
            const SHAPE: &'static $crate::Structure = &$crate::Structure::new(&[
                $($crate::Member::new($wire_name, &$shape)$(.$flag())*.held_by::<$type>()),+
            ]);

            fn take(
                members: $crate::Members,
            ) -> ::core::result::Result<Self, $crate::Mismatch> {
                let mut values = members.into_values();
                ::core::result::Result::Ok(Self { $($field: values.take_next()?),+ })
            }
        }

        $crate::input!(@field $name);
    };
    ($(#[$meta:meta])* $visibility:vis struct $name:ident {}) => {
        $(#[$meta])*
        $visibility struct $name {}

        impl $crate::Input for $name {
            const SHAPE: &'static $crate::Structure = &$crate::Structure::new(&[]);

            fn take(
                _: $crate::Members,
            ) -> ::core::result::Result<Self, $crate::Mismatch> {
                ::core::result::Result::Ok(Self {})
            }
        }

        $crate::input!(@field $name);
    };
    (@field $name:ident) => {
        impl $crate::Field for $name {
            const KIND: $crate::Kind = $crate::Kind::Structure;

            fn from_value(
                value: ::core::option::Option<$crate::Value>,
            ) -> ::core::option::Option<Self> {
                match value {
                    ::core::option::Option::Some($crate::Value::Structure(members)) => {
                        $crate::Input::take(members).ok()
                    }
                    _ => ::core::option::Option::None,
                }
            }
        }

        const _: &$crate::Structure = <$name as $crate::Input>::SHAPE;
    };
}
