use crate::engine::sql;
use crate::{StoreError, Value};

/// A kind of record, declared once: the table, its indexes and the version of its bodies.
///
/// The table has the key columns, `rev`, the further columns and the sealed `body`. Columns stay
/// readable to the engine, so nothing secret goes there.
#[derive(Debug)]
pub struct Kind {
    /// The table, such as `secretsmanager_secret`: lower-case letters, digits and `_`.
    pub name: &'static str,
    /// The service whose records these are; part of the context that a body is sealed in.
    pub service: &'static str,
    /// The version of the bodies written now. `decode` is told the version it reads.
    pub version: u16,
    /// The key columns. Never `Null`.
    pub key: &'static [Column],
    /// Further columns, to be indexed. May be `Null`.
    pub columns: &'static [Column],
    /// The indexes beside the primary key.
    pub indexes: &'static [Index],
    /// Whether the cache holds decoded records of this kind.
    pub cached: bool,
}

/// A column of a kind.
#[derive(Debug)]
pub struct Column {
    /// Its name: lower-case letters, digits and `_`.
    pub name: &'static str,
    /// What it holds.
    pub ty: ColumnType,
}

impl Column {
    /// A column of text.
    pub const fn text(name: &'static str) -> Self {
        Self {
            name,
            ty: ColumnType::Text,
        }
    }

    /// A column of numbers.
    pub const fn int(name: &'static str) -> Self {
        Self {
            name,
            ty: ColumnType::Int,
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// [`Value::Text`].
    Text,
    /// [`Value::Int`].
    Int,
}

impl ColumnType {
    /// Whether `value` is of this type.
    pub(crate) fn fits(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::Text, Value::Text(_)) | (Self::Int, Value::Int(_))
        )
    }
}

/// An order in which the rows of a kind can be read.
///
/// Made unique by the key columns that it does not name itself, which follow its own. A row with
/// a `Null` in one of the named columns is not in the index.
#[derive(Debug)]
pub struct Index {
    /// Its name within the kind.
    pub name: &'static str,
    /// The columns, of the key or further ones.
    pub columns: &'static [&'static str],
}

impl Index {
    /// The name of the index that every kind has: the order of its key.
    pub const PRIMARY: &'static str = "primary";
}

impl Kind {
    /// All columns, those of the key first. `rev` and `body` are not among them.
    pub(crate) fn all_columns(&self) -> impl Iterator<Item = &'static Column> + Clone {
        self.key.iter().chain(self.columns)
    }

    /// The positions, among all columns, of the columns that the index named `index` orders by:
    /// its own, then those of the key that are not among them.
    pub(crate) fn order_of(&self, index: &str) -> Option<Vec<usize>> {
        let key = 0..self.key.len();
        if index == Index::PRIMARY {
            return Some(key.collect());
        }
        let declared = self.indexes.iter().find(|i| i.name == index)?;
        let mut order = declared
            .columns
            .iter()
            .map(|name| self.all_columns().position(|column| column.name == *name))
            .collect::<Option<Vec<usize>>>()?;
        for position in key {
            if !order.contains(&position) {
                order.push(position);
            }
        }
        Some(order)
    }

    /// Whether `key` has this kind's key columns.
    pub(crate) fn fits_key(&self, key: &[Value]) -> bool {
        key.len() == self.key.len()
            && key
                .iter()
                .zip(self.key)
                .all(|(value, column)| column.ty.fits(value))
    }

    /// Whether `values` are this kind's further columns.
    pub(crate) fn fits_columns(&self, values: &[Value]) -> bool {
        values.len() == self.columns.len()
            && values
                .iter()
                .zip(self.columns)
                .all(|(value, column)| *value == Value::Null || column.ty.fits(value))
    }

    /// Errors when a declaration could not become a table.
    ///
    /// SECURITY: names go into statements as they are, so this is what keeps them plain words.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let refuse = |problem| {
            Err(StoreError::Misuse {
                kind: self.name,
                problem,
            })
        };
        let names = || self.all_columns().map(|column| column.name);
        let indexes = || self.indexes.iter().map(|index| index.name);
        if !names().chain(indexes()).chain([self.name]).all(is_word) {
            return refuse("a name is not made of lower-case letters, digits and `_`");
        }
        let of_indexes = self.indexes.iter();
        let of_indexes = of_indexes.map(|index| sql::index_name(self, index).len());
        let lengths = names().chain([self.name]).map(str::len).chain(of_indexes);
        if lengths.max() > Some(LONGEST_NAME) {
            return refuse("a name is too long");
        }
        if RESERVED_TABLES.contains(&self.name) {
            return refuse("the name is taken by a table of the store");
        }
        if self.key.is_empty() {
            return refuse("the key has no columns");
        }
        if has_duplicates(names().chain(RESERVED_COLUMNS)) {
            return refuse("two columns share a name");
        }
        if has_duplicates(indexes().chain([Index::PRIMARY])) {
            return refuse("two indexes share a name");
        }
        if self.indexes.iter().any(|index| index.columns.is_empty()) {
            return refuse("an index has no columns");
        }
        if !indexes().all(|index| self.order_of(index).is_some()) {
            return refuse("an index names a column that is not declared");
        }
        Ok(())
    }
}

fn is_word(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn has_duplicates<'a>(names: impl Iterator<Item = &'a str> + Clone) -> bool {
    let mut rest = names;
    while let Some(name) = rest.next() {
        if rest.clone().any(|other| other == name) {
            return true;
        }
    }
    false
}

const RESERVED_TABLES: [&str; 5] = [
    "meta",
    "counter",
    "audit_outbox",
    "change_log",
    "store_object",
];
/// PostgreSQL's limit. It cuts what is longer.
const LONGEST_NAME: usize = 63;
const RESERVED_COLUMNS: [&str; 2] = ["rev", "body"];

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Kind = Kind {
        name: "test_thing",
        service: "test",
        version: 1,
        key: &[Column::text("account"), Column::text("name")],
        columns: &[Column::int("due"), Column::text("owner")],
        indexes: &[
            Index {
                name: "by_due",
                columns: &["due"],
            },
            Index {
                name: "by_name",
                columns: &["name", "owner"],
            },
        ],
        cached: true,
    };

    fn problem_of(kind: &Kind) -> &'static str {
        match kind.check() {
            Err(StoreError::Misuse { problem, .. }) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_good_declaration_is_accepted() {
        assert!(GOOD.check().is_ok());
    }

    #[test]
    fn the_key_completes_every_order_without_repeating() {
        assert_eq!(GOOD.order_of(Index::PRIMARY), Some(vec![0, 1]));
        assert_eq!(GOOD.order_of("by_due"), Some(vec![2, 0, 1]));
        assert_eq!(GOOD.order_of("by_name"), Some(vec![1, 3, 0]));
        assert_eq!(GOOD.order_of("by_colour"), None);
    }

    #[test]
    fn names_that_are_not_words_are_refused() {
        for name in ["", "Thing", "a b", "a\"b", "1a", "_a", "a-b", "naïve"] {
            let kind = Kind { name, ..GOOD };

            assert_eq!(
                problem_of(&kind),
                "a name is not made of lower-case letters, digits and `_`",
                "{name}"
            );
        }
    }

    #[test]
    fn each_other_flaw_is_named() {
        let index = |name, columns| Index { name, columns };
        static TWO_DUE: [Column; 2] = [Column::int("due"), Column::int("due")];
        static BODY: [Column; 1] = [Column::int("body")];
        let flaws: [(Kind, &str); 8] = [
            (
                Kind {
                    name: "test_thing_with_a_name_that_leaves_no_room_for_an_index_of_it",
                    ..GOOD
                },
                "a name is too long",
            ),
            (
                Kind {
                    name: "meta",
                    ..GOOD
                },
                "the name is taken by a table of the store",
            ),
            (Kind { key: &[], ..GOOD }, "the key has no columns"),
            (
                Kind {
                    columns: &TWO_DUE,
                    ..GOOD
                },
                "two columns share a name",
            ),
            (
                Kind {
                    columns: &BODY,
                    ..GOOD
                },
                "two columns share a name",
            ),
            (
                Kind {
                    indexes: Box::leak(Box::new([index("primary", &["due"])])),
                    ..GOOD
                },
                "two indexes share a name",
            ),
            (
                Kind {
                    indexes: Box::leak(Box::new([index("empty", &[])])),
                    ..GOOD
                },
                "an index has no columns",
            ),
            (
                Kind {
                    indexes: Box::leak(Box::new([index("by_age", &["age"])])),
                    ..GOOD
                },
                "an index names a column that is not declared",
            ),
        ];

        for (kind, problem) in flaws {
            assert_eq!(problem_of(&kind), problem);
        }
    }

    #[test]
    fn values_must_have_the_columns_types() {
        let text = || Value::from("a");
        let int = || Value::Int(1);

        assert!(GOOD.fits_key(&[text(), text()]));
        assert!(!GOOD.fits_key(&[text()]));
        assert!(!GOOD.fits_key(&[text(), int()]));
        assert!(!GOOD.fits_key(&[text(), Value::Null]));
        assert!(GOOD.fits_columns(&[int(), text()]));
        assert!(GOOD.fits_columns(&[Value::Null, Value::Null]));
        assert!(!GOOD.fits_columns(&[text(), text()]));
        assert!(!GOOD.fits_columns(&[int()]));
    }
}
