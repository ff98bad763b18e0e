//! Why Lambda refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The statement is there. Its id.
    #[error(
        "The statement id ({0}) provided already exists. Please provide a new statement id, or remove \
         the existing statement."
    )]
    StatementExists(String),
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// The account has no room for more code in the Region.
    #[error("Code storage limit exceeded.")]
    CodeStorageExceeded,
    /// The function is there. Its name.
    #[error("Function already exist: {0}")]
    FunctionExists(String),
    /// No such function. Its ARN.
    #[error("Function not found: {0}")]
    FunctionNotFound(String),
    /// A function cannot be called with this event. Why.
    #[error("Could not parse request body into json: {0}")]
    InvalidContent(String),
    /// A rule about parameters that the model cannot say.
    #[error("{0}")]
    InvalidParameter(String),
    /// The function cannot run here. Why.
    #[error("The operation cannot be performed at this time. {0}")]
    NotRunnable(String),
    /// A function of another Region. That one, and this one.
    #[error("Functions from '{0}' are not reachable in this region ('{1}')")]
    OtherRegion(String, String),
    /// Roles of other accounts are not to be had.
    #[error("Cross-account pass role is not allowed.")]
    ForeignRole,
    /// The policy of the function would be too long. How long, in bytes.
    #[error("The final policy size ({0}) is bigger than the limit (20480).")]
    PolicyTooLong(usize),
    /// The function has no policy.
    #[error("The resource you requested does not exist.")]
    PolicyNotFound,
    /// The event is too large. The most bytes that it may have.
    #[error("Request must be smaller than {0} bytes for the InvokeFunction operation")]
    RequestTooLarge(usize),
    /// The caller saw another revision.
    #[error(
        "The Revision Id provided does not match the latest Revision Id. Call the \
         GetFunction/GetAlias API to retrieve the latest Revision Id"
    )]
    RevisionMismatch,
    /// The role of the function does not trust Lambda any more.
    #[error("The role defined for the function cannot be assumed by Lambda.")]
    RoleNotAssumable,
    /// No such statement. Its id.
    #[error("Statement {0} is not found in resource policy.")]
    StatementNotFound(String),
    /// Too many calls at once.
    #[error("Rate Exceeded.")]
    Throttled,
    /// A constraint that the model has and our shapes cannot say. In the words of a validation.
    #[error("{0}")]
    Validation(String),
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
            Self::CodeStorageExceeded => ("CodeStorageExceededException", 400),
            Self::FunctionExists(_) | Self::NotRunnable(_) | Self::StatementExists(_) => {
                ("ResourceConflictException", 409)
            }
            Self::FunctionNotFound(_)
            | Self::OtherRegion(..)
            | Self::PolicyNotFound
            | Self::StatementNotFound(_) => (NOT_FOUND, 404),
            Self::InvalidContent(_) => ("InvalidRequestContentException", 400),
            Self::InvalidParameter(_) => ("InvalidParameterValueException", 400),
            Self::ForeignRole | Self::RoleNotAssumable => COMMON.access_denied,
            Self::PolicyTooLong(_) => ("PolicyLengthExceededException", 400),
            Self::RequestTooLarge(_) => ("RequestTooLargeException", 413),
            Self::RevisionMismatch => ("PreconditionFailedException", 412),
            Self::Throttled => ("TooManyRequestsException", 429),
            Self::Validation(_) => ("ValidationException", 400),
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
            // What is counted are the bytes of code; Invoke, which counts events, tells that itself.
            CommitError::LimitReached => Self::CodeStorageExceeded,
            CommitError::Common(error) => Self::Common(error),
        }
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        let text = match error {
            TagError::Duplicate(key) => format!("Duplicate tag key: {key}"),
            TagError::NoKey => String::from("A tag key cannot be empty."),
            TagError::Twin(key) => {
                format!("Tag keys of a function can't differ only in case. Key: {key}")
            }
            TagError::Reserved => {
                String::from("Tag keys starting with aws: are reserved for system use.")
            }
            TagError::TooMany(_) => {
                String::from("The number of tags exceeds the limit of 50 tags for a resource.")
            }
        };
        Self::InvalidParameter(text)
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::InvalidParameter(String::from("The provided Marker is invalid."))
    }
}

/// Lambda's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDeniedException", 403),
    internal: ("ServiceException", 500),
};

/// The exceptions whose text Lambda's model names `Message`; that of the others is `message`.
pub(crate) const UPPER_CASE: &[&str] = &[NOT_FOUND, COMMON.internal.0];

const NOT_FOUND: &str = "ResourceNotFoundException";
