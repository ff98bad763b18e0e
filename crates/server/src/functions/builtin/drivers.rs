//! The drivers of databases that this build has.

use crate::config::Rotators;
use crate::files::FileError;
use crate::functions::FunctionsError;
use rotators::{Database, Dial, Engine};
use std::fs;
use std::sync::Arc;

/// A driver for each engine, or none.
pub(super) struct Drivers {
    mysql: Option<Box<dyn Database>>,
    postgres: Option<Box<dyn Database>>,
}

impl Drivers {
    /// Connects as the operator says. The authorities are read once.
    pub(super) fn new(settings: &Rotators) -> Result<Self, FunctionsError> {
        let dial = dial(settings)?;
        if dial.authorities_pem.is_some() {
            // Told at the start, and not by the first rotation.
            rotators::authorities(&dial)?;
        }
        Ok(Self {
            mysql: mysql(&dial),
            postgres: postgres(&dial, settings),
        })
    }

    /// The driver of an engine.
    pub(super) fn of(&self, engine: Engine) -> Option<&dyn Database> {
        match engine {
            Engine::Postgres | Engine::Redshift => self.postgres.as_deref(),
            Engine::MySql | Engine::MariaDb => self.mysql.as_deref(),
            Engine::SqlServer | Engine::Oracle | Engine::MongoDb => None,
        }
    }
}

fn dial(settings: &Rotators) -> Result<Dial, FileError> {
    let authorities_pem = match &settings.database_ca_file {
        Some(path) => Some(fs::read(path).map_err(FileError::io("read", path))?.into()),
        None => None,
    };
    let hosts = settings.hosts.clone();
    Ok(Dial {
        connect_timeout: settings.connect_timeout,
        statement_timeout: settings.statement_timeout,
        authorities_pem,
        permits: Arc::new(move |host, port| hosts.permit(host, port)),
    })
}

#[cfg(feature = "rotator-mysql")]
#[expect(clippy::unnecessary_wraps, reason = "a build without the driver has none")]
fn mysql(dial: &Dial) -> Option<Box<dyn Database>> {
    Some(Box::new(rotator_mysql::MySql::new(dial.clone())))
}

#[cfg(not(feature = "rotator-mysql"))]
fn mysql(_: &Dial) -> Option<Box<dyn Database>> {
    None
}

#[cfg(feature = "rotator-postgres")]
#[expect(clippy::unnecessary_wraps, reason = "a build without the driver has none")]
fn postgres(dial: &Dial, settings: &Rotators) -> Option<Box<dyn Database>> {
    use crate::config::PostgresPasswords;
    use rotator_postgres::{PasswordForm, Postgres};

    let form = match settings.postgres_passwords {
        PostgresPasswords::Verifier => PasswordForm::Verifier,
        PostgresPasswords::Clear => PasswordForm::Clear,
    };
    Some(Box::new(Postgres::new(dial.clone(), form)))
}

#[cfg(not(feature = "rotator-postgres"))]
fn postgres(_: &Dial, _: &Rotators) -> Option<Box<dyn Database>> {
    None
}
