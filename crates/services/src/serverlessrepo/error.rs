//! Why the repository refuses, in AWS's words.

use crate::ports::NotProposed;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no such application. What was asked for.
    #[error("Application with id '{0}' does not exist")]
    ApplicationNotFound(String),
    /// A parameter is wrong. Why.
    #[error("{0}")]
    BadRequest(String),
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::ApplicationNotFound(_) => ("NotFoundException", 404),
            Self::BadRequest(_) => ("BadRequestException", 400),
            Self::Common(error) => COMMON.of(error),
        }
    }

    fn common(&self) -> Option<&CommonError> {
        match self {
            Self::Common(error) => Some(error),
            Self::ApplicationNotFound(_) | Self::BadRequest(_) => None,
        }
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            // What is counted are stacks.
            CommitError::LimitReached => {
                Self::BadRequest(String::from("Limit for stack has been exceeded"))
            }
            CommitError::Common(error) => Self::Common(error),
        }
    }
}

impl From<NotProposed> for Error {
    fn from(error: NotProposed) -> Self {
        match error {
            NotProposed::Invalid(text) => Self::BadRequest(text),
            NotProposed::Common(error) => Self::Common(error),
        }
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        Self::BadRequest(match error {
            TagError::Duplicate(key) | TagError::Twin(key) => format!("Duplicate tag key: {key}"),
            TagError::NoKey => String::from("A tag key cannot be empty."),
            TagError::Reserved => {
                String::from("Tag keys starting with aws: are reserved for system use.")
            }
            TagError::TooMany(_) => {
                String::from("The number of tags exceeds the limit of 50 tags for a resource.")
            }
        })
    }
}

/// The service's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDeniedException", 403),
    internal: ("InternalServerErrorException", 500),
};
