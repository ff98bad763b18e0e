//! What an error of the driver or the server means for a call.

use crate::{Cause, StoreError};
use std::error::Error as _;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// What to do about a statement that did not succeed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Transactions were in each other's way. This one did nothing and may run again.
    Again(String),
    /// The connection is of no more use: it is gone, or the server is not the primary any longer.
    Lost(String),
    /// The number became too large.
    Overflow,
    /// The server refused, and would refuse again.
    Refused(StoreError),
}

impl Trouble {
    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            let text = described(error);
            // What the driver could not encode never left, and the connection is still good.
            return if error.to_string().starts_with("error serializing parameter") {
                Self::Refused(unavailable(text))
            } else {
                Self::Lost(text)
            };
        };
        let text = described(error);
        match refusal.code() {
            &SqlState::T_R_SERIALIZATION_FAILURE
            | &SqlState::T_R_DEADLOCK_DETECTED
            | &SqlState::LOCK_NOT_AVAILABLE
            | &SqlState::UNIQUE_VIOLATION => Self::Again(text),
            &SqlState::NUMERIC_VALUE_OUT_OF_RANGE => Self::Overflow,
            &SqlState::DISK_FULL => Self::Refused(StoreError::Full),
            code if ends_connection(code) || ends_session(refusal) => Self::Lost(text),
            _ => Self::Refused(unavailable(text)),
        }
    }

    /// What a caller is told when nothing more is tried.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Again(_) => StoreError::Conflict,
            Self::Lost(text) => unavailable(text),
            Self::Overflow => unavailable(String::from("a number became too large")),
            Self::Refused(error) => error,
        }
    }
}

/// Whether the server said so as its last word, so that it is not known what became of a `COMMIT`.
pub(super) fn ends_session(refusal: &DbError) -> bool {
    !matches!(refusal.parsed_severity(), Some(Severity::Error))
}

pub(super) fn unavailable(text: impl Into<String>) -> StoreError {
    StoreError::Unavailable(Cause::from(text.into()))
}

/// The error in words, without what the server adds of values (`DETAIL`).
pub(super) fn described(error: &tokio_postgres::Error) -> String {
    if let Some(refusal) = error.as_db_error() {
        return format!("{} ({})", refusal.message(), refusal.code().code());
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// Codes after which a connection is not used again.
fn ends_connection(code: &SqlState) -> bool {
    // A prepared statement that is not there, or whose table changed, is made anew on another.
    const CODES: [SqlState; 9] = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::INVALID_SQL_STATEMENT_NAME,
        SqlState::FEATURE_NOT_SUPPORTED,
        SqlState::ACTIVE_SQL_TRANSACTION,
    ];
    CODES.contains(code) || code.code().starts_with("08")
}
