use smol_str::SmolStr;
use std::fmt;
use std::sync::Arc;

/// One value of a key or of an indexed column.
///
/// The order is that of every engine: absent values first, then numbers, then text by its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// No value. Never part of a key; a row is not in an index over a column that is `Null`.
    Null,
    /// A number.
    Int(i64),
    /// A text, ordered by its bytes (`COLLATE "C"` in PostgreSQL's words). Most are short, and then
    /// need no allocation.
    Text(SmolStr),
}

impl Value {
    /// An unambiguous run of bytes, for the context that a body is sealed in.
    pub(crate) fn to_context(&self) -> Vec<u8> {
        match self {
            Self::Null => vec![b'n'],
            Self::Int(number) => [&b"i"[..], &number.to_be_bytes()].concat(),
            Self::Text(text) => [b"t", text.as_bytes()].concat(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<base::Timestamp> for Value {
    fn from(moment: base::Timestamp) -> Self {
        Self::Int(moment.as_millis())
    }
}

impl From<&base::AccountId> for Value {
    fn from(account: &base::AccountId) -> Self {
        Self::from(account.as_str())
    }
}

impl From<&base::RegionName> for Value {
    fn from(region: &base::RegionName) -> Self {
        Self::from(region.as_str())
    }
}

impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The key of a record: the values of its kind's key columns, in their order.
///
/// Cloning is one reference count. Build one with [`key!`](crate::key).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<[Value]>);

impl Key {
    /// The values, in the order of the kind's key columns.
    pub fn values(&self) -> &[Value] {
        &self.0
    }
}

impl From<Vec<Value>> for Key {
    fn from(values: Vec<Value>) -> Self {
        Self(values.into())
    }
}

impl<const N: usize> From<[Value; N]> for Key {
    fn from(values: [Value; N]) -> Self {
        Self(Arc::from(values))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter()).finish()
    }
}

/// A [`Key`] of the values given: `key![account, region, name]`.
#[macro_export]
macro_rules! key {
    ($($value:expr),+ $(,)?) => {
        $crate::Key::from([$($crate::Value::from($value)),+])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_ordered_absent_number_text() {
        let mut values = vec![
            Value::from("b"),
            Value::from("B"),
            Value::from(7_i64),
            Value::from(None::<i64>),
            Value::from(-1_i64),
            Value::from(""),
        ];

        values.sort();

        assert_eq!(
            values,
            [
                Value::Null,
                Value::Int(-1),
                Value::Int(7),
                Value::from(""),
                Value::from("B"),
                Value::from("b"),
            ]
        );
    }

    #[test]
    fn a_number_and_its_text_have_different_contexts() {
        let number = Value::Int(i64::from_be_bytes(*b"abcdefgh"));
        let text = Value::from("abcdefgh");

        assert_ne!(number.to_context(), text.to_context());
        assert_ne!(Value::Null.to_context(), Value::from("").to_context());
    }

    #[test]
    fn a_key_is_built_from_anything_with_a_value() {
        let account = base::AccountId::parse("123456789012").unwrap();

        let key = key![&account, "name", 3_i64];

        assert_eq!(
            key.values(),
            [
                Value::from("123456789012"),
                Value::from("name"),
                Value::Int(3),
            ]
        );
        assert_eq!(
            format!("{key:?}"),
            r#"[Text("123456789012"), Text("name"), Int(3)]"#
        );
    }
}
