//! `[store]`: where the records are kept.

use super::sections::count;
use serde::Deserialize;
use std::fmt;
use std::num::NonZeroU16;

/// `[store]` as it is written.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StoreSection {
    /// `embedded`, or the URL of a PostgreSQL database.
    engine: String,
    /// Memory for decoded records, in MiB.
    pub(super) cache_mib: NonZeroU16,
    /// Of the database. What this node is called: by default as the host.
    node: Option<String>,
    /// Of the database. The schema in which the tables are.
    schema: Option<String>,
    /// Of the database. How many connections are open at most.
    connections: Option<NonZeroU16>,
    /// Of the database. How old what the cache answers may be, in milliseconds.
    max_staleness_ms: Option<u16>,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            engine: String::from(EMBEDDED),
            cache_mib: count(256),
            node: None,
            schema: None,
            connections: None,
            max_staleness_ms: None,
        }
    }
}

/// Where the records are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreConfig {
    /// In a file of the data directory.
    Embedded,
    /// In a PostgreSQL database.
    Postgres(Postgres),
}

/// A PostgreSQL database.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Postgres {
    /// `postgres://…`. It may hold a password.
    pub(crate) url: String,
    /// What this node is called: by default as the host.
    pub(crate) node: Option<String>,
    /// The schema in which the tables are.
    pub(crate) schema: Option<String>,
    /// How many connections are open at most.
    pub(crate) connections: Option<NonZeroU16>,
    /// How old what the cache answers may be, in milliseconds: 1,000 at most.
    pub(crate) max_staleness_ms: Option<u16>,
}

/// SECURITY: the URL may hold a password.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres")
            .field("node", &self.node)
            .field("schema", &self.schema)
            .field("connections", &self.connections)
            .field("max_staleness_ms", &self.max_staleness_ms)
            .finish_non_exhaustive()
    }
}

/// Why `[store]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreConfigError {
    /// A store that is not there.
    #[error("there is no store `{0}`: write `embedded` or `postgres://user@host/name`")]
    Unknown(String),
    /// Settings of a database without one.
    #[error("`store.{0}` is for a database: `embedded` has no such setting")]
    NoDatabase(&'static str),
    /// The URL.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Url(#[from] ::store::StoreError),
    /// Too old.
    #[error("`store.max_staleness_ms` is at most 1000")]
    Staleness,
}

impl StoreConfig {
    pub(super) fn resolve(
        section: StoreSection,
        flag: Option<&str>,
    ) -> Result<Self, StoreConfigError> {
        let engine = flag.unwrap_or(&section.engine);
        if engine == EMBEDDED {
            let given = [
                ("node", section.node.is_some()),
                ("schema", section.schema.is_some()),
                ("connections", section.connections.is_some()),
                ("max_staleness_ms", section.max_staleness_ms.is_some()),
            ];
            return match given.into_iter().find(|(_, is_given)| *is_given) {
                Some((name, _)) => Err(StoreConfigError::NoDatabase(name)),
                None => Ok(Self::Embedded),
            };
        }
        if !SCHEMES.iter().any(|scheme| engine.starts_with(scheme)) {
            // SECURITY: what follows the scheme of a URL may hold a password.
            let name = engine.split(':').next().unwrap_or_default();
            return Err(StoreConfigError::Unknown(name.to_owned()));
        }
        if section.max_staleness_ms.is_some_and(|stale| stale > 1_000) {
            return Err(StoreConfigError::Staleness);
        }
        // What is wrong with it is said before anything is made.
        #[cfg(feature = "postgres")]
        ::store::PostgresOptions::parse(engine)?;
        Ok(Self::Postgres(Postgres {
            url: engine.to_owned(),
            node: section.node,
            schema: section.schema,
            connections: section.connections,
            max_staleness_ms: section.max_staleness_ms,
        }))
    }
}

const EMBEDDED: &str = "embedded";
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(toml: &str, flag: Option<&str>) -> Result<StoreConfig, String> {
        let section: StoreSection = toml::from_str(toml).unwrap();
        StoreConfig::resolve(section, flag).map_err(|error| error.to_string())
    }

    #[test]
    fn a_flag_comes_before_the_file_and_nothing_is_embedded() {
        let url = "postgres://ann:hunter2@db/strongroom";
        let settings = "engine = 'embedded'\nschema = 'two'\nconnections = 4";

        let usual = resolved("", None);
        let chosen = resolved(settings, Some(url)).unwrap();

        assert_eq!(usual, Ok(StoreConfig::Embedded));
        let expected = StoreConfig::Postgres(Postgres {
            url: url.to_owned(),
            node: None,
            schema: Some(String::from("two")),
            connections: NonZeroU16::new(4),
            max_staleness_ms: None,
        });
        assert_eq!(chosen, expected);
        assert!(!format!("{chosen:?}").contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_what_may_be_a_password() {
        let stale = "engine = 'postgres://db/a'\nmax_staleness_ms = 1001";

        let refused = [
            resolved("engine = 'mysql://ann:hunter2@db'", None),
            resolved("schema = 'a'", None),
            resolved("max_staleness_ms = 5", None),
            resolved(stale, None),
        ];

        assert_eq!(
            refused.map(Result::unwrap_err),
            [
                "there is no store `mysql`: write `embedded` or `postgres://user@host/name`",
                "`store.schema` is for a database: `embedded` has no such setting",
                "`store.max_staleness_ms` is for a database: `embedded` has no such setting",
                "`store.max_staleness_ms` is at most 1000",
            ]
        );
    }
}
