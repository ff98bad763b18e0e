//! Why SNS refuses, in AWS's words.

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
    /// Two entries of a batch with one id.
    #[error("Two or more batch entries in the request have the same Id.")]
    BatchIdsNotDistinct,
    /// All messages of a batch together.
    #[error("The length of all the batch messages put together is more than the limit.")]
    BatchTooLong,
    /// A batch without entries.
    #[error("The batch request doesn't contain any entries.")]
    EmptyBatch,
    /// The id of an entry.
    #[error("The Id of a batch entry in a batch request doesn't abide by the specification.")]
    InvalidBatchId,
    /// A parameter, and what is wrong with it.
    #[error("Invalid parameter: {0}")]
    InvalidParameter(String),
    /// A value inside a parameter.
    #[error("{0}")]
    InvalidValue(String),
    /// No such subscription.
    #[error("Subscription does not exist")]
    NoSuchSubscription,
    /// No such topic.
    #[error("Topic does not exist")]
    NoSuchTopic,
    /// No topic with the tags that are asked for.
    #[error("Resource does not exist")]
    NoSuchResource,
    /// The topic has as many subscriptions as it may.
    #[error("Subscription quota exceeded for the topic")]
    TooManySubscriptions,
    /// The resource has as many tags as it may.
    #[error("Could not complete request: tag quota of per resource exceeded")]
    TooManyTags,
    /// The account has as many topics as it may.
    #[error("Topic quota exceeded for the account")]
    TooManyTopics,
    /// A batch of more than ten.
    #[error("The batch request contains more entries than permissible.")]
    TooManyEntries,
    /// The account has no room for the messages, or has somebody asked for confirmations too often.
    #[error("Rate exceeded")]
    TooManyWaiting,
    /// Who confirmed wants to be asked, and nobody signed.
    #[error("This subscription can only be deleted by a request that is signed")]
    SignatureNeeded,
}

impl Error {
    /// What is wrong with the parameter `name`.
    pub(super) fn invalid(name: &str, reason: &str) -> Self {
        Self::InvalidParameter(format!("{name} Reason: {reason}"))
    }

    /// What AWS has and this server has not.
    pub(super) fn unsupported(what: &str) -> Self {
        Self::InvalidParameter(format!("{what} is not supported by this server yet."))
    }
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Common(error) => COMMON.of(error),
            Self::BatchIdsNotDistinct => ("BatchEntryIdsNotDistinct", 400),
            Self::BatchTooLong => ("BatchRequestTooLong", 400),
            Self::EmptyBatch => ("EmptyBatchRequest", 400),
            Self::InvalidBatchId => ("InvalidBatchEntryId", 400),
            Self::InvalidParameter(_) => ("InvalidParameter", 400),
            Self::InvalidValue(_) => ("ParameterValueInvalid", 400),
            Self::NoSuchResource => ("ResourceNotFound", 404),
            Self::NoSuchSubscription | Self::NoSuchTopic => ("NotFound", 404),
            Self::SignatureNeeded => COMMON.access_denied,
            Self::TooManyEntries => ("TooManyEntriesInBatchRequest", 400),
            Self::TooManySubscriptions => ("SubscriptionLimitExceeded", 403),
            Self::TooManyTags => ("TagLimitExceeded", 400),
            Self::TooManyTopics => ("TopicLimitExceeded", 403),
            Self::TooManyWaiting => ("Throttled", 429),
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
            // Messages that wait; CreateTopic, which counts topics, tells that itself.
            CommitError::LimitReached => Self::TooManyWaiting,
            CommitError::Common(error) => Self::Common(error),
        }
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        match error {
            TagError::Duplicate(_) => Self::invalid("Tags", "Duplicated keys are not allowed."),
            TagError::NoKey => Self::invalid("Tags", "Tag key must not be empty"),
            TagError::Reserved => {
                Self::invalid("Tags", "aws: prefixed tag key names are not allowed")
            }
            TagError::TooMany(_) => Self::TooManyTags,
            TagError::Twin(_) => Self::invalid("Tags", "Tag keys can't differ only in case."),
        }
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::InvalidParameter(String::from("NextToken"))
    }
}

/// The service's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AuthorizationError", 403),
    internal: ("InternalError", 500),
};
