//! Why EventBridge refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};
use patterns::event::Invalid;

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// A pattern that is none. Why.
    #[error(transparent)]
    InvalidPattern(#[from] Invalid),
    /// There is one of this name.
    #[error("{0}")]
    AlreadyExists(String),
    /// No API destination of this name.
    #[error("Failed to describe the api-destination(s). An api-destination '{0}' does not exist.")]
    NoSuchApiDestination(String),
    /// No connection of this name.
    #[error("Failed to describe the connection(s). Connection '{0}' does not exist.")]
    NoSuchConnection(String),
    /// No bus of this name.
    #[error("Event bus {0} does not exist.")]
    NoSuchBus(String),
    /// No such rule.
    #[error("Rule {0} does not exist on EventBus default.")]
    NoSuchRule(String),
    /// Too many of something.
    #[error("The requested resource exceeds the maximum number allowed.")]
    LimitExceeded,
    /// Too many events wait.
    #[error("Rate exceeded")]
    Throttled,
    /// A rule about parameters that the model cannot say.
    #[error("{0}")]
    Validation(String),
}

impl Error {
    /// What is wrong with the parameter `value`.
    pub(super) fn invalid(value: &str, reason: &str) -> Self {
        Self::Validation(format!("Parameter {value} is not valid. Reason: {reason}"))
    }

    /// What AWS has and this server has not.
    pub(super) fn unsupported(what: &str) -> Self {
        Self::Validation(format!("{what} is not supported by this server yet."))
    }
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::AlreadyExists(_) => ("ResourceAlreadyExistsException", 400),
            Self::Common(error) => COMMON.of(error),
            Self::InvalidPattern(_) => ("InvalidEventPatternException", 400),
            Self::LimitExceeded => ("LimitExceededException", 400),
            Self::NoSuchApiDestination(_)
            | Self::NoSuchBus(_)
            | Self::NoSuchConnection(_)
            | Self::NoSuchRule(_) => ("ResourceNotFoundException", 400),
            Self::Throttled => ("ThrottlingException", 400),
            Self::Validation(_) => (VALIDATION, 400),
        }
    }

    fn common(&self) -> Option<&CommonError> {
        match self {
            Self::Common(error) => Some(error),
            _ => None,
        }
    }
}

impl From<store::StoreError> for Error {
    fn from(error: store::StoreError) -> Self {
        Self::Common(error.into())
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::LimitReached => Self::LimitExceeded,
            CommitError::Common(error) => Self::Common(error),
        }
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        Self::Validation(match error {
            TagError::Duplicate(key) => format!("Duplicate tag key: {key}"),
            TagError::NoKey => String::from("A tag key cannot be empty."),
            TagError::Twin(_) => String::from("Tag keys can't differ only in case."),
            TagError::Reserved => {
                String::from("Tag keys starting with aws: are reserved for system use.")
            }
            TagError::TooMany(_) => {
                String::from("The number of tags exceeds the limit of 50 tags for a resource.")
            }
        })
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::Validation(String::from("The provided NextToken is invalid."))
    }
}

/// The service's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDeniedException", 400),
    internal: ("InternalException", 500),
};

/// What the service calls an input that breaks a rule.
pub(crate) const VALIDATION: &str = "ValidationException";
