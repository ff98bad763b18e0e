//! Why CloudWatch refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such alarm.
    #[error("{0}")]
    AlarmNotFound(String),
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// Parameters that do not go together.
    #[error("{0}")]
    InvalidCombination(String),
    /// Text that should be JSON is none.
    #[error("{0}")]
    InvalidFormat(&'static str),
    /// A paging token of another list, or not ours.
    #[error("Invalid NextToken")]
    InvalidToken,
    /// A value against a rule that the model cannot say.
    #[error("{0}")]
    InvalidValue(String),
    /// There are as many as there may be.
    #[error("{0}")]
    LimitExceeded(&'static str),
    /// A parameter that another one asks for.
    #[error("The parameter {0} is required.")]
    MissingParameter(&'static str),
    /// A resource whose tags are meant is not there.
    #[error("Unknown")]
    ResourceNotFound,
    /// An input that contradicts itself.
    #[error("{0}")]
    Validation(String),
}

impl Error {
    /// What AWS has and this server has not.
    pub(super) fn unsupported(what: &str) -> Self {
        Self::InvalidValue(format!("{what} is not supported by this server yet."))
    }
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::AlarmNotFound(_) => ("ResourceNotFound", 404),
            Self::Common(error) => COMMON.of(error),
            Self::InvalidCombination(_) => ("InvalidParameterCombination", 400),
            Self::InvalidFormat(_) => ("InvalidFormat", 400),
            Self::InvalidToken => ("InvalidNextToken", 400),
            Self::InvalidValue(_) => ("InvalidParameterValue", 400),
            Self::LimitExceeded(_) => ("LimitExceeded", 400),
            Self::MissingParameter(_) => ("MissingParameter", 400),
            Self::ResourceNotFound => ("ResourceNotFoundException", 404),
            Self::Validation(_) => ("ValidationError", 400),
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
            CommitError::LimitReached => Self::LimitExceeded(TOO_MANY_ALARMS),
            CommitError::Common(error) => Self::Common(error),
        }
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::InvalidToken
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        let text = match error {
            TagError::Duplicate(key) => format!("Duplicate tag keys found. Key: {key}"),
            TagError::Twin(key) => format!("Tag keys can't differ only in case. Key: {key}"),
            TagError::NoKey => String::from("A tag needs a key."),
            TagError::Reserved => String::from("aws: prefixed tag key names are not allowed."),
            TagError::TooMany(_) => String::from("A resource may have no more than 50 tags."),
        };
        Self::InvalidValue(text)
    }
}

/// The service's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDenied", 403),
    internal: ("InternalServiceError", 500),
};

/// What the model calls errors that have another name in awsQuery.
pub(super) const RENAMED: &[(&str, &str)] = &[
    ("InternalServiceError", "InternalServiceFault"),
    ("InvalidFormat", "InvalidFormatFault"),
    (
        "InvalidParameterCombination",
        "InvalidParameterCombinationException",
    ),
    ("InvalidParameterValue", "InvalidParameterValueException"),
    ("LimitExceeded", "LimitExceededFault"),
    ("MissingParameter", "MissingRequiredParameterException"),
    ("ValidationError", "ValidationException"),
];

const TOO_MANY_ALARMS: &str = "The maximum limit of 5000 alarms is exceeded.";
