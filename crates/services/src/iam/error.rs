//! Why IAM refuses, in AWS's words.

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
    /// Something still hangs on what should be deleted.
    #[error("Cannot delete entity, {0}")]
    DeleteConflict(&'static str),
    /// The same, in words of its own.
    #[error("{0}")]
    InUse(&'static str),
    /// The name is taken. `Role with name x already exists.`
    #[error("{kind} with name {name} already exists.")]
    EntityExists { kind: &'static str, name: String },
    /// The same, in words of its own.
    #[error("{0}")]
    Taken(String),
    /// A parameter says something that cannot be.
    #[error("{0}")]
    InvalidInput(String),
    /// A quota is reached.
    #[error("Cannot exceed quota for {quota}: {limit}")]
    LimitExceeded { quota: &'static str, limit: usize },
    /// A quota is reached, in words of its own.
    #[error("{0}")]
    TooMany(&'static str),
    /// A document that is no policy.
    #[error("{0}")]
    MalformedPolicy(String),
    /// What was named is not there. `The role with name x cannot be found.`
    #[error("The {kind} with name {name} cannot be found.")]
    NoSuchEntity { kind: &'static str, name: String },
    /// What was named is not there, in words of its own.
    #[error("{0}")]
    NotThere(String),
    /// The documents of one kind that an identity may have are too long together.
    #[error("Maximum policy size of {limit} bytes exceeded for {kind} {name}")]
    PolicyTooLarge {
        kind: &'static str,
        name: String,
        limit: usize,
    },
    /// The account has as many of the kind as it may have.
    #[error("Cannot exceed quota for this kind of entity in the account.")]
    QuotaReached,
    /// A root has one access key.
    #[error(
        "the root user has its one access key already: delete it first, or renew it on the host"
    )]
    SecondRootKey,
    /// An identity has as many tags as it may have.
    #[error("The number of tags has reached the maximum limit")]
    TooManyTags,
    /// The request does not go together.
    #[error("{0}")]
    Validation(String),
    /// AWS's own policies can be attached and read, not changed.
    #[error("{0}")]
    Unmodifiable(String),
}

impl Error {
    /// No `_` arm: a new variant must choose its answer to the client.
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Common(error) => COMMON.of(error),
            Self::DeleteConflict(_) | Self::InUse(_) => ("DeleteConflict", 409),
            Self::EntityExists { .. } | Self::Taken(_) => ("EntityAlreadyExists", 409),
            Self::InvalidInput(_) => ("InvalidInput", 400),
            Self::LimitExceeded { .. }
            | Self::PolicyTooLarge { .. }
            | Self::QuotaReached
            | Self::SecondRootKey
            | Self::TooMany(_)
            | Self::TooManyTags => ("LimitExceeded", 409),
            Self::MalformedPolicy(_) => ("MalformedPolicyDocument", 400),
            Self::NoSuchEntity { .. } | Self::NotThere(_) => ("NoSuchEntity", 404),
            Self::Validation(_) => ("ValidationError", 400),
            Self::Unmodifiable(_) => ("UnmodifiableEntity", 400),
        }
    }
}

impl AwsError for Error {
    fn code(&self) -> &'static str {
        self.reply().0
    }

    fn status(&self) -> u16 {
        self.reply().1
    }

    fn is_conflict(&self) -> bool {
        matches!(self, Self::Common(CommonError::Conflict))
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            // What is counted are identities and policies; the text needs no number to be clear.
            CommitError::LimitReached => Self::QuotaReached,
            CommitError::Common(error) => Self::Common(error),
        }
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::Validation(String::from("Invalid Marker."))
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        let text = match error {
            TagError::Duplicate(_) => {
                "Duplicate tag keys found. Please note that Tag keys are case insensitive."
            }
            TagError::NoKey => "Tag key must not be null",
            TagError::Reserved => "System tags cannot be added/updated by requester",
            TagError::TooMany => return Self::TooManyTags,
        };
        Self::InvalidInput(text.to_owned())
    }
}

/// IAM's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDenied", 403),
    internal: ("ServiceFailure", 500),
};
