//! AWS's rotation templates: what a rotation function does, without the drivers of databases.
//!
//! Rules kept here: the calls to Secrets Manager are made by somebody else, as the function's role
//! ([`Secrets`]); a database is reached through a driver that comes by argument ([`Database`]); every
//! step may be run again after it succeeded, failed or was cut off, and then ends as if it had run
//! once; a step that is not sure whose password it changes changes none; no value is logged.

mod alternating_users;
mod api_key;
mod check;
mod credential;
mod database;
mod error;
mod event;
mod http;
mod http_rotation;
mod log;
mod metered;
mod options;
pub mod quote;
mod rotate;
mod secrets;
mod single_user;
mod socket;
mod template;
mod trust;
mod versions;

pub use api_key::rotate_api_key;
pub use check::{check_current, check_value};
pub use credential::{Credential, MalformedSecret};
pub use database::{
    Database, DatabaseError, DatabaseFuture, Dial, Login, Permits, Session, Tls, provisional,
};
pub use error::RotationError;
pub use event::{Event, Step, UnknownStep};
pub use http::{Http, HttpError, HttpFuture, HttpReply, HttpRequest};
pub use http_rotation::rotate_over_http;
pub use log::Log;
pub use metered::{Budget, MOST_BYTES, Metered, TOO_MUCH};
pub use options::{InvalidOption, Options, PasswordRules};
pub use rotate::{Ports, rotate};
pub use secrets::{Description, Secrets, SecretsError, SecretsFuture};
pub use socket::private_folder;
pub use template::{Engine, Strategy, Template};
pub use trust::{Encryption, authorities, authorities_pem, client_config};
