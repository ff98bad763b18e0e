//! Parameters and rows: what PostgreSQL's values are in our terms.
//!
//! PostgreSQL's text holds no U+0000. It is stored as U+0001 U+0001, and U+0001 itself as U+0001
//! U+0002. No other text contains U+0001 then, so nothing is lost; and because both begin with the
//! lowest character that is left, the order of texts by their bytes, and what begins with what, stay
//! as they were.

use crate::engine::Row;
use crate::{Key, Kind, Rev, Value};
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use tokio_postgres::Column;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

/// A parameter of a statement.
pub(super) enum Param {
    Value(Value),
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Ints(Vec<i64>),
}

/// SECURITY: the driver writes parameters to a log if it is told to, so they show nothing.
impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

type Encoded = Result<IsNull, Box<dyn Error + Sync + Send>>;

impl ToSql for Param {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Encoded {
        match self {
            Self::Value(Value::Null) => Ok(IsNull::Yes),
            Self::Value(Value::Int(number)) | Self::Int(number) => checked(number, ty, out),
            Self::Value(Value::Text(text)) => checked(&to_stored(text).as_ref(), ty, out),
            Self::Text(text) => checked(&to_stored(text).as_ref(), ty, out),
            Self::Bytes(bytes) => checked(&bytes.as_slice(), ty, out),
            Self::Ints(numbers) => checked(numbers, ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn checked<T: ToSql>(value: &T, ty: &Type, out: &mut BytesMut) -> Encoded {
    if T::accepts(ty) {
        value.to_sql(ty, out)
    } else {
        Err(format!("the server wants a value of type `{ty}`").into())
    }
}

/// The text as PostgreSQL can hold it.
pub(super) fn to_stored(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte > 1) {
        return Cow::Borrowed(text);
    }
    let mut stored = String::with_capacity(text.len().saturating_add(8));
    for character in text.chars() {
        match character {
            '\0' => stored.push_str("\u{1}\u{1}"),
            ESCAPE => stored.push_str("\u{1}\u{2}"),
            other => stored.push(other),
        }
    }
    Cow::Owned(stored)
}

/// The text that was stored so; `None`: the store did not write it.
pub(super) fn from_stored(stored: &str) -> Option<Cow<'_, str>> {
    if !stored.contains(ESCAPE) {
        return Some(Cow::Borrowed(stored));
    }
    let mut text = String::with_capacity(stored.len());
    let mut characters = stored.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            ESCAPE => match characters.next()? {
                '\u{1}' => '\0',
                '\u{2}' => ESCAPE,
                _ => return None,
            },
            other => other,
        });
    }
    Some(Cow::Owned(text))
}

/// A whole row of a kind.
pub(super) fn whole(kind: &Kind, row: &tokio_postgres::Row) -> Row {
    let keys = kind.key.len();
    let first_column = keys.saturating_add(1);
    let body = first_column.saturating_add(kind.columns.len());
    Row {
        key: Key::from(values_of(row, 0, keys)),
        rev: rev_of(row, keys),
        columns: values_of(row, first_column, body),
        body: bytes_of(row, body),
    }
}

/// Key and revision of a row.
pub(super) fn key_and_rev(kind: &Kind, row: &tokio_postgres::Row) -> (Key, Rev) {
    let keys = kind.key.len();
    (Key::from(values_of(row, 0, keys)), rev_of(row, keys))
}

pub(super) fn rev_of(row: &tokio_postgres::Row, i: usize) -> Rev {
    Rev(int_of(row, i).unwrap_or_default())
}

pub(super) fn int_of(row: &tokio_postgres::Row, i: usize) -> Option<i64> {
    given::<i64>(row, i)
}

/// A text that is not escaped.
pub(super) fn plain_of(row: &tokio_postgres::Row, i: usize) -> Option<&str> {
    given::<&str>(row, i)
}

pub(super) fn text_of(row: &tokio_postgres::Row, i: usize) -> Option<String> {
    from_stored(given::<&str>(row, i)?).map(Cow::into_owned)
}

pub(super) fn bytes_of(row: &tokio_postgres::Row, i: usize) -> Vec<u8> {
    given::<&[u8]>(row, i).unwrap_or_default().to_vec()
}

/// SECURITY: what the store cannot have written reads as `Null` here and as nothing in a body, so
/// that it fails the comparison with the opened record like any other change of the row.
fn values_of(row: &tokio_postgres::Row, from: usize, to: usize) -> Vec<Value> {
    let value = |i| {
        let column: Option<&Column> = row.columns().get(i);
        if column.is_some_and(|column| *column.type_() == Type::TEXT) {
            let text = given::<&str>(row, i).and_then(from_stored);
            text.map_or(Value::Null, |text| Value::from(text.as_ref()))
        } else {
            int_of(row, i).map_or(Value::Null, Value::Int)
        }
    };
    (from..to).map(value).collect()
}

fn given<'a, T: FromSql<'a>>(row: &'a tokio_postgres::Row, i: usize) -> Option<T> {
    row.try_get::<_, Option<T>>(i).ok().flatten()
}

const ESCAPE: char = '\u{1}';

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            Just('\0'),
            Just('\u{1}'),
            Just('\u{2}'),
            Just('a'),
            any::<char>()
        ];
        prop::collection::vec(character, 0..6).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn every_text_is_kept_in_its_order(a in texts(), b in texts()) {
            let (stored_a, stored_b) = (to_stored(&a), to_stored(&b));

            prop_assert!(!stored_a.contains('\0'));
            let read = from_stored(&stored_a).map(Cow::into_owned);
            prop_assert_eq!(read.as_ref(), Some(&a));
            prop_assert_eq!(stored_a.cmp(&stored_b), a.cmp(&b));
            prop_assert_eq!(stored_b.starts_with(&*stored_a), b.starts_with(&a));
        }
    }

    #[test]
    fn what_was_never_stored_so_is_no_text() {
        for stored in ["\u{1}", "a\u{1}", "\u{1}a", "\u{1}\u{3}"] {
            assert_eq!(from_stored(stored), None, "{stored:?}");
        }
    }

    #[test]
    fn a_parameter_shows_nothing() {
        assert_eq!(format!("{:?}", Param::Text(String::from("x"))), "_");
    }
}
