//! Why CloudTrail refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::ports::NotLookedUp;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was named is no ARN of a trail.
    #[error("{0} is not a valid ARN of a trail.")]
    ArnInvalid(String),
    /// The bucket is not there, or not for this account.
    #[error("S3 bucket {0} does not exist!")]
    BucketDoesNotExist(String),
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// A combination of parameters.
    #[error("{0}")]
    InvalidCombination(String),
    /// Not the name of a bucket.
    #[error("Bucket name is invalid: {0}")]
    InvalidBucketName(String),
    /// A rule about event selectors.
    #[error("{0}")]
    InvalidEventSelectors(String),
    /// A trail can be changed in its home Region only. That one.
    #[error("The trail can be changed in its home Region only: {0}.")]
    InvalidHomeRegion(String),
    /// The log group of a trail.
    #[error("{0}")]
    InvalidLogGroup(String),
    /// The role by which a trail reaches its log group.
    #[error("{0}")]
    InvalidLogRole(String),
    /// A rule about what events are looked up by.
    #[error("{0}")]
    InvalidLookupAttributes(String),
    /// Not a number of results that one answer can have.
    #[error("MaxResults must be between 1 and 50.")]
    InvalidMaxResults,
    /// A paging token of another list, or not ours.
    #[error("Invalid NextToken.")]
    InvalidNextToken,
    /// Too long, or with characters that keys do not have.
    #[error("{0}")]
    InvalidPrefix(String),
    /// A rule about tags.
    #[error("{0}")]
    InvalidTag(String),
    /// An end before a start.
    #[error("StartTime must not be after EndTime.")]
    InvalidTimeRange,
    /// A paging token of another list of tags or keys, or not ours.
    #[error("The token is invalid.")]
    InvalidToken,
    /// Not the name of a topic.
    #[error("SNS Topic name is invalid: {0}")]
    InvalidTopicName(String),
    /// A rule about names of trails.
    #[error("{0}")]
    InvalidTrailName(String),
    /// There are no organizations here.
    #[error("Your account is not a member of an organization.")]
    OrganizationsNotInUse,
    /// What tags are asked of is not there.
    #[error("Unknown trail: {0} for the user: {1}")]
    ResourceNotFound(String, String),
    /// More tags than a trail may have.
    #[error("The number of tags exceeds the limit of 50 tags for a resource.")]
    TagsLimitExceeded,
    /// Too many events are being looked up.
    #[error("Rate exceeded")]
    TooManyLooks,
    /// More changes of what a trail delivers than may wait for delivery.
    #[error("Rate exceeded")]
    TooManyChanges,
    /// Too many trails. Whose, how many, and where.
    #[error("User: {0} already has {1} trails in {2}.")]
    TooManyTrails(String, i64, String),
    /// The topic is not there, or does not let CloudTrail.
    #[error("SNS Topic does not exist or the topic policy is incorrect!")]
    TopicRefuses,
    /// The trail is there. Its name, and whose.
    #[error("Trail {0} already exists for customer: {1}")]
    TrailExists(String, String),
    /// No such trail. What was named, and by whom.
    #[error("Unknown trail: {0} for the user: {1}")]
    TrailNotFound(String, String),
    /// What AWS has and this server has not.
    #[error("{0} is not supported by this server yet.")]
    Unsupported(&'static str),
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        let code = match self {
            Self::Common(error) => return COMMON.of(error),
            Self::ArnInvalid(_) => "CloudTrailARNInvalidException",
            Self::BucketDoesNotExist(_) => "S3BucketDoesNotExistException",
            Self::InvalidCombination(_) => "InvalidParameterCombinationException",
            Self::InvalidBucketName(_) => "InvalidS3BucketNameException",
            Self::InvalidEventSelectors(_) => "InvalidEventSelectorsException",
            Self::InvalidHomeRegion(_) => "InvalidHomeRegionException",
            Self::InvalidLogGroup(_) => "InvalidCloudWatchLogsLogGroupArnException",
            Self::InvalidLogRole(_) => "InvalidCloudWatchLogsRoleArnException",
            Self::InvalidLookupAttributes(_) => "InvalidLookupAttributesException",
            Self::InvalidMaxResults => "InvalidMaxResultsException",
            Self::InvalidNextToken => "InvalidNextTokenException",
            Self::InvalidPrefix(_) => "InvalidS3PrefixException",
            Self::InvalidTag(_) => "InvalidTagParameterException",
            Self::InvalidTimeRange => "InvalidTimeRangeException",
            Self::InvalidToken => "InvalidTokenException",
            Self::InvalidTopicName(_) => "InvalidSnsTopicNameException",
            Self::InvalidTrailName(_) => "InvalidTrailNameException",
            Self::OrganizationsNotInUse => "OrganizationsNotInUseException",
            Self::ResourceNotFound(..) => "ResourceNotFoundException",
            Self::TagsLimitExceeded => "TagsLimitExceededException",
            Self::TooManyChanges | Self::TooManyLooks => "ThrottlingException",
            Self::TooManyTrails(..) => "MaximumNumberOfTrailsExceededException",
            Self::TopicRefuses => "InsufficientSnsTopicPolicyException",
            Self::TrailExists(..) => "TrailAlreadyExistsException",
            Self::TrailNotFound(..) => "TrailNotFoundException",
            Self::Unsupported(_) => "UnsupportedOperationException",
        };
        (code, 400)
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

impl From<NotLookedUp> for Error {
    fn from(error: NotLookedUp) -> Self {
        match error {
            NotLookedUp::Busy => Self::TooManyLooks,
            NotLookedUp::Common(error) => Self::Common(error),
        }
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        let text = match error {
            TagError::Duplicate(key) => format!("Duplicate tag key: {key}"),
            TagError::NoKey => String::from("A tag key cannot be empty."),
            TagError::Twin(key) => {
                format!("Tag keys of a trail can't differ only in case. Key: {key}")
            }
            TagError::Reserved => {
                String::from("Tag keys starting with aws: are reserved for system use.")
            }
            TagError::TooMany(_) => return Self::TagsLimitExceeded,
        };
        Self::InvalidTag(text)
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::InvalidNextToken
    }
}

/// The service's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDeniedException", 400),
    internal: ("InternalFailure", 500),
};

/// What the service calls an input that breaks a constraint of its model.
pub(crate) const VALIDATION: &str = "ValidationException";
