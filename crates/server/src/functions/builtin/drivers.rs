//! The drivers of databases that this build has.

use crate::config::Rotators;
use crate::files::FileError;
use crate::functions::FunctionsError;
use rotators::{Database, Dial, Engine};
use std::fs;
use std::sync::Arc;

/// A driver for each engine, or none.
pub(super) struct Drivers {
    mongodb: Option<Box<dyn Database>>,
    mysql: Option<Box<dyn Database>>,
    oracle: Option<Box<dyn Database>>,
    postgres: Option<Box<dyn Database>>,
    sqlserver: Option<Box<dyn Database>>,
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
            #[cfg(not(feature = "rotator-mongodb"))]
            mongodb: None,
            #[cfg(feature = "rotator-mongodb")]
            mongodb: Some(Box::new(rotator_mongodb::MongoDb::new(dial.clone()))),
            #[cfg(not(feature = "rotator-mysql"))]
            mysql: None,
            #[cfg(feature = "rotator-mysql")]
            mysql: Some(Box::new(rotator_mysql::MySql::new(dial.clone()))),
            #[cfg(not(feature = "rotator-oracle"))]
            oracle: None,
            #[cfg(feature = "rotator-oracle")]
            oracle: Some(Box::new(rotator_oracle::Oracle::new(dial.clone()))),
            #[cfg(not(feature = "rotator-postgres"))]
            postgres: None,
            #[cfg(feature = "rotator-postgres")]
            postgres: Some(Box::new(rotator_postgres::Postgres::new(
                dial.clone(),
                form(settings.postgres_passwords),
            ))),
            #[cfg(not(feature = "rotator-sqlserver"))]
            sqlserver: None,
            #[cfg(feature = "rotator-sqlserver")]
            sqlserver: Some(Box::new(rotator_sqlserver::SqlServer::new(dial.clone()))),
        })
    }

    /// The driver of an engine.
    pub(super) fn of(&self, engine: Engine) -> Option<&dyn Database> {
        match engine {
            Engine::Postgres | Engine::Redshift => self.postgres.as_deref(),
            Engine::MySql | Engine::MariaDb => self.mysql.as_deref(),
            Engine::SqlServer => self.sqlserver.as_deref(),
            Engine::Oracle => self.oracle.as_deref(),
            Engine::MongoDb => self.mongodb.as_deref(),
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

#[cfg(feature = "rotator-postgres")]
fn form(chosen: crate::config::PostgresPasswords) -> rotator_postgres::PasswordForm {
    match chosen {
        crate::config::PostgresPasswords::Verifier => rotator_postgres::PasswordForm::Verifier,
        crate::config::PostgresPasswords::Clear => rotator_postgres::PasswordForm::Clear,
    }
}
