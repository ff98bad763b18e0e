//! Why CloudWatch Logs refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// No such group.
    #[error("The specified log group does not exist.")]
    GroupNotFound,
    /// A rule about parameters that the model cannot say.
    #[error("{0}")]
    InvalidParameter(String),
    /// A paging token of another list, or not ours.
    #[error("The specified nextToken is invalid.")]
    InvalidToken,
    /// No such stream.
    #[error("The specified log stream does not exist.")]
    StreamNotFound,
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
            Self::GroupNotFound | Self::StreamNotFound => ("ResourceNotFoundException", 400),
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
        Self::Common(error.into())
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

/// What the service calls an input that breaks a rule.
pub(crate) const INVALID_PARAMETER: &str = "InvalidParameterException";
