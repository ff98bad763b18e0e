//! The statements of a kind, in the SQL that SQLite and PostgreSQL share, and the few words in which
//! they differ.
//!
//! SECURITY: values are always parameters. Names are those of the declaration, which
//! [`Kind::check`] keeps to plain words, and are quoted because a word may be a keyword.

use crate::query::{Plan, value_of};
use crate::{ColumnType, Index, Kind, StoreError, Value};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

impl Dialect {
    /// The parameter with a number, from 1 on.
    fn parameter(self, number: usize) -> String {
        match self {
            Self::Sqlite => format!("?{number}"),
            #[cfg(feature = "postgres")]
            Self::Postgres => format!("${number}"),
        }
    }

    /// Parameters with all numbers of a range.
    fn parameters(self, numbers: RangeInclusive<usize>) -> String {
        let parameters = numbers.map(|number| self.parameter(number));
        parameters.collect::<Vec<_>>().join(", ")
    }

    fn type_of(self, ty: ColumnType) -> &'static str {
        match (self, ty) {
            (Self::Sqlite, ColumnType::Text) => "TEXT",
            (Self::Sqlite, ColumnType::Int) => "INTEGER",
            #[cfg(feature = "postgres")]
            (Self::Postgres, ColumnType::Text) => "TEXT COLLATE \"C\"",
            #[cfg(feature = "postgres")]
            (Self::Postgres, ColumnType::Int) => "BIGINT",
        }
    }

    fn type_of_bytes(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            #[cfg(feature = "postgres")]
            Self::Postgres => "BYTEA",
        }
    }

    /// What stands after the columns of a table.
    fn table_options(self) -> &'static str {
        match self {
            Self::Sqlite => " STRICT",
            #[cfg(feature = "postgres")]
            Self::Postgres => "",
        }
    }
}

/// The statements of every prepared kind.
pub(crate) struct Registry {
    dialect: Dialect,
    statements: RwLock<HashMap<&'static str, Arc<Statements>>>,
}

impl Registry {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            statements: RwLock::default(),
        }
    }

    pub(crate) fn add(&self, kind: &'static Kind) {
        let statements = Arc::new(Statements::of(self.dialect, kind));
        self.statements.write().insert(kind.name, statements);
    }

    pub(crate) fn of(&self, kind: &'static Kind) -> Result<Arc<Statements>, StoreError> {
        let found = self.statements.read().get(kind.name).cloned();
        found.ok_or(StoreError::Misuse {
            kind: kind.name,
            problem: "the store was opened without this kind",
        })
    }
}

/// The statements of a kind that do not depend on a query.
pub(crate) struct Statements {
    /// Key → whole row.
    pub(crate) get: String,
    /// Key → revision.
    pub(crate) rev: String,
    /// Key, revision, columns, body → one row, or none when the key is taken.
    pub(crate) insert: String,
    /// Revision, columns, body, key, old revision → one row, or none when it changed.
    pub(crate) update: String,
    /// Key, old revision → one row, or none when it changed.
    pub(crate) delete: String,
}

impl Statements {
    pub(crate) fn of(dialect: Dialect, kind: &Kind) -> Self {
        let table = quoted(kind.name);
        let keys = kind.key.len();
        let columns = kind.columns.len();
        let all = row_columns(kind);
        let by_key = |start: usize| {
            let terms = kind.key.iter().enumerate().map(|(i, column)| {
                let parameter = dialect.parameter(start.saturating_add(i));
                format!("{} = {parameter}", quoted(column.name))
            });
            terms.collect::<Vec<_>>().join(" AND ")
        };
        let parameters = dialect.parameters(1..=keys.saturating_add(columns).saturating_add(2));
        let names = kind.columns.iter().map(|column| column.name);
        let settings = ["rev"]
            .into_iter()
            .chain(names)
            .chain(["body"])
            .zip(1_usize..);
        let settings = settings
            .map(|(name, i)| format!("{} = {}", quoted(name), dialect.parameter(i)))
            .collect::<Vec<_>>()
            .join(", ");
        let first_key = columns.saturating_add(3);
        let old_rev = dialect.parameter(first_key.saturating_add(keys));
        Self {
            get: format!("SELECT {all} FROM {table} WHERE {}", by_key(1)),
            rev: format!("SELECT \"rev\" FROM {table} WHERE {}", by_key(1)),
            insert: format!(
                "INSERT INTO {table} ({all}) VALUES ({parameters}) ON CONFLICT DO NOTHING"
            ),
            update: format!(
                "UPDATE {table} SET {settings} WHERE {} AND \"rev\" = {old_rev}",
                by_key(first_key)
            ),
            delete: format!(
                "DELETE FROM {table} WHERE {} AND \"rev\" = {}",
                by_key(1),
                dialect.parameter(keys.saturating_add(1))
            ),
        }
    }
}

/// `CREATE TABLE` for a kind.
pub(crate) fn create_table(dialect: Dialect, kind: &Kind) -> String {
    let of_type = |ty| dialect.type_of(ty);
    let keys = kind
        .key
        .iter()
        .map(|column| format!("{} {} NOT NULL", quoted(column.name), of_type(column.ty)));
    let columns = kind
        .columns
        .iter()
        .map(|column| format!("{} {}", quoted(column.name), of_type(column.ty)));
    let primary = joined(kind.key.iter().map(|column| column.name));
    let lines: Vec<String> = keys
        .chain([format!("\"rev\" {} NOT NULL", of_type(ColumnType::Int))])
        .chain(columns)
        .chain([
            format!("\"body\" {} NOT NULL", dialect.type_of_bytes()),
            format!("PRIMARY KEY ({primary})"),
        ])
        .collect();
    format!(
        "CREATE TABLE {} ({}){}",
        quoted(kind.name),
        lines.join(", "),
        dialect.table_options()
    )
}

/// The name of an index, unique in the database.
pub(crate) fn index_name(kind: &Kind, index: &Index) -> String {
    format!("{}__{}", kind.name, index.name)
}

/// `CREATE INDEX` for an index of a kind: partial, so a row with a `NULL` in it is not held.
pub(crate) fn create_index(kind: &Kind, index: &Index) -> String {
    let order = kind.order_of(index.name).unwrap_or_default();
    let present = presence(kind, &order);
    let condition = if present.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", present.join(" AND "))
    };
    format!(
        "CREATE INDEX {} ON {} ({}){condition}",
        quoted(&index_name(kind, index)),
        quoted(kind.name),
        joined(names_of(kind, &order)),
    )
}

/// Which columns a query gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Give {
    /// The whole row.
    Rows,
    /// Key and revision, to validate an earlier reading.
    Revs,
}

/// A query's statement and its parameters, the limit last.
pub(crate) fn select(dialect: Dialect, plan: &Plan, give: Give) -> (String, Vec<&Value>) {
    let kind = plan.kind;
    let names: Vec<&str> = names_of(kind, &plan.order).collect();
    let (fixed, rest) = names.split_at(plan.equals.len().min(names.len()));
    let mut terms = presence(kind, &plan.order);
    let mut values: Vec<&Value> = Vec::new();
    for (name, value) in fixed.iter().zip(&plan.equals) {
        values.push(value);
        let parameter = dialect.parameter(values.len());
        terms.push(format!("{} = {parameter}", quoted(name)));
    }
    for (bound, sign) in [(&plan.from, '>'), (&plan.to, '<')] {
        if let (Some(name), Some(value)) = (rest.first(), value_of(bound)) {
            values.push(value);
            let or_equal = if matches!(bound, Bound::Included(_)) {
                "="
            } else {
                ""
            };
            terms.push(format!(
                "{} {sign}{or_equal} {}",
                quoted(name),
                dialect.parameter(values.len())
            ));
        }
    }
    if let Some(after) = &plan.after {
        let sign = if plan.descending { '<' } else { '>' };
        let first = values.len().saturating_add(1);
        values.extend(after);
        let parameters = dialect.parameters(first..=values.len());
        let columns = joined(rest.iter().copied());
        terms.push(format!("({columns}) {sign} ({parameters})"));
    }
    let condition = if terms.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", terms.join(" AND "))
    };
    let direction = if plan.descending { " DESC" } else { "" };
    let order = rest
        .iter()
        .map(|name| format!("{}{direction}", quoted(name)));
    let order = order.collect::<Vec<_>>().join(", ");
    let order_by = if order.is_empty() { "" } else { " ORDER BY " };
    let given = match give {
        Give::Rows => row_columns(kind),
        Give::Revs => joined(kind.key.iter().map(|column| column.name).chain(["rev"])),
    };
    let text = format!(
        "SELECT {given} FROM {}{condition}{order_by}{order} LIMIT {}",
        quoted(kind.name),
        dialect.parameter(values.len().saturating_add(1)),
    );
    (text, values)
}

/// The columns of a whole row: key, `rev`, further columns, `body`.
fn row_columns(kind: &Kind) -> String {
    let keys = kind.key.iter().map(|column| column.name);
    let columns = kind.columns.iter().map(|column| column.name);
    joined(keys.chain(["rev"]).chain(columns).chain(["body"]))
}

/// That no column of an index is absent. Key columns never are.
fn presence(kind: &Kind, order: &[usize]) -> Vec<String> {
    let nullable: Vec<usize> = order
        .iter()
        .copied()
        .filter(|position| *position >= kind.key.len())
        .collect();
    names_of(kind, &nullable)
        .map(|name| format!("{} IS NOT NULL", quoted(name)))
        .collect()
}

fn names_of<'a>(kind: &'a Kind, order: &'a [usize]) -> impl Iterator<Item = &'static str> + 'a {
    order
        .iter()
        .filter_map(|position| kind.all_columns().nth(*position))
        .map(|column| column.name)
}

fn joined<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(quoted).collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

#[cfg(test)]
mod tests;
