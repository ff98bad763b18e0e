//! Why CloudFormation refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The change set is not there. What was asked for.
    #[error("ChangeSet [{0}] does not exist")]
    ChangeSetNotFound(String),
    /// The change set was executed. Its ARN, and how far it is.
    #[error("ChangeSet [{arn}] cannot be executed in its current execution status of [{status}]")]
    ChangeSetNotExecutable {
        /// The change set.
        arn: String,
        /// Its execution status.
        status: &'static str,
    },
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// A change set of any stack was asked for by its name.
    #[error("StackName must be specified if ChangeSetName is not specified as an ARN.")]
    StackNotNamed,
    /// The stack has no such part. It, and the stack.
    #[error("Resource {resource} does not exist for stack {stack}")]
    ResourceNotFound {
        /// What was asked for.
        resource: String,
        /// The stack.
        stack: String,
    },
    /// The stack is not there, in the words of one operation.
    #[error("{0}")]
    StackNotFound(String),
    /// What AWS has and this server has not.
    #[error("{0} is not supported by this server yet.")]
    Unsupported(&'static str),
    /// A rule about parameters that the model cannot say.
    #[error("{0}")]
    Validation(String),
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Common(error) => COMMON.of(error),
            Self::ChangeSetNotFound(_) => ("ChangeSetNotFound", 404),
            Self::ChangeSetNotExecutable { .. } => ("InvalidChangeSetStatus", 400),
            Self::StackNotNamed
            | Self::ResourceNotFound { .. }
            | Self::StackNotFound(_)
            | Self::Unsupported(_)
            | Self::Validation(_) => ("ValidationError", 400),
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
        Self::Validation(String::from("The specified NextToken is not valid."))
    }
}

/// CloudFormation's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDenied", 403),
    internal: ("InternalFailure", 500),
};
