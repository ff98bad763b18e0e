//! Why CloudWatch Logs refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// No such metric filter.
    #[error("The specified metric filter does not exist.")]
    FilterNotFound,
    /// The name is taken.
    #[error("The specified log group already exists")]
    GroupExists,
    /// No such group.
    #[error("The specified log group does not exist.")]
    GroupNotFound,
    /// A rule about parameters that the model cannot say.
    #[error("{0}")]
    InvalidParameter(String),
    /// A paging token of another list, or not ours.
    #[error("The specified nextToken is invalid.")]
    InvalidToken,
    /// There are as many as there may be.
    #[error("Resource limit exceeded.")]
    LimitExceeded,
    /// The name is taken.
    #[error("The specified log stream already exists")]
    StreamExists,
    /// No such stream.
    #[error("The specified log stream does not exist.")]
    StreamNotFound,
    /// More tags than a resource may have.
    #[error("The resource may have no more than 50 tags.")]
    TooManyTags,
}

impl Error {
    /// What AWS has and this server has not.
    pub(super) fn unsupported(what: &str) -> Self {
        Self::InvalidParameter(format!("{what} is not supported by this server yet."))
    }
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Common(error) => COMMON.of(error),
            Self::FilterNotFound | Self::GroupNotFound | Self::StreamNotFound => {
                ("ResourceNotFoundException", 400)
            }
            Self::GroupExists | Self::StreamExists => ("ResourceAlreadyExistsException", 400),
            Self::LimitExceeded => ("LimitExceededException", 400),
            Self::TooManyTags => ("TooManyTagsException", 400),
            Self::InvalidParameter(_) | Self::InvalidToken => (INVALID_PARAMETER, 400),
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
        match error {
            TagError::TooMany(_) => Self::TooManyTags,
            TagError::Reserved => Self::InvalidParameter(RESERVED.to_owned()),
            TagError::Twin(_) => {
                Self::InvalidParameter(String::from("Tag keys can't differ only in case."))
            }
            TagError::Duplicate(_) | TagError::NoKey => {
                Self::InvalidParameter(String::from("Tag keys must differ."))
            }
        }
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::InvalidToken
    }
}

/// The service's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDeniedException", 400),
    internal: ("ServiceUnavailableException", 500),
};

const RESERVED: &str = "aws: prefixed tag key names are not allowed for external use.";
/// What the service calls an input that breaks a rule.
pub(crate) const INVALID_PARAMETER: &str = "InvalidParameterException";
