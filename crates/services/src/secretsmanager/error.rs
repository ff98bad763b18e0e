//! Why Secrets Manager refuses, in AWS's words.

use super::versions::Refused;
use crate::paging::InvalidToken;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError, Decided};

/// A variant per case the service distinguishes; several may share an exception name.
///
/// Texts and codes: behaviour reference §3.4 and §4 to §12; clients match on parts of them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller may not use the KMS key.
    #[error("Access to KMS is not allowed")]
    AccessToKms(Option<Box<Decided>>),
    /// `ExcludeCharacters` left nothing to draw from.
    #[error("All characters have been excluded from selection")]
    AllCharactersExcluded,
    /// The name is taken.
    #[error("The operation failed because the secret {0} already exists.")]
    AlreadyExists(String),
    /// A deletion was scheduled before.
    #[error(
        "You can't perform this operation on the secret because it was already scheduled for \
         deletion."
    )]
    AlreadyScheduledForDeletion,
    /// Force and a recovery window exclude each other.
    #[error("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")]
    BothForceAndWindow,
    /// Days and an expression exclude each other.
    #[error("You cannot specify both rotation frequency and schedule expression together.")]
    BothFrequencyAndExpression,
    /// Filters and a list of ids exclude each other.
    #[error("Either 'SecretIdList' or 'Filters' must be provided, but not both.")]
    BothIdsAndFilters,
    /// A value is text or binary, not both.
    #[error(
        "You can't specify both a binary secret value and a string secret value in the same secret."
    )]
    BothValues,
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// `AWSCURRENT` can only move.
    #[error(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be \
         completely removed."
    )]
    CurrentCannotBeRemoved,
    /// A tag that could never be removed.
    #[error("You must provide a key for each tag.")]
    TagWithoutKey,
    /// The key does not open what it should have wrapped.
    #[error("Secrets Manager can't decrypt the secret value: {0}")]
    DecryptionFailure(String),
    /// The default key serves its own account only.
    #[error(
        "You can't access a secret from a different AWS account if you encrypt the secret with \
         the default KMS service key."
    )]
    DefaultKeyAcrossAccounts,
    /// A tag key twice in one request.
    #[error("Duplicate tag keys found. Please note that Tag keys are case sensitive. Key: {0}")]
    DuplicateTagKey(String),
    /// The key wraps nothing.
    #[error("Secrets Manager can't encrypt the secret value: {0}")]
    EncryptionFailure(String),
    /// A class of characters has none left.
    #[error("All characters of the desired type have been excluded")]
    DesiredTypeExcluded,
    /// A filter without a key.
    #[error("Invalid filter key")]
    FilterWithoutKey,
    /// A filter without values.
    #[error("Invalid filter values for key: {0}")]
    FilterWithoutValues(String),
    /// The function is not there, or does not let this service call it.
    #[error(
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function \
         policy grants access to the principal secretsmanager.amazonaws.com."
    )]
    FunctionNotInvocable,
    /// The function is there, and this server does not run it.
    #[error("Secrets Manager cannot run the specified Lambda function. {0}")]
    FunctionNotRunnable(String),
    /// Rotation rules that say nothing, or what cannot be.
    #[error("{0}")]
    InvalidSchedule(String),
    /// A character that no name has.
    #[error(
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
         following: -/_+=.@!"
    )]
    InvalidName,
    /// A paging token of another list, or not ours.
    #[error("The NextToken value is invalid.")]
    InvalidNextToken,
    /// The label is on a version that the caller did not name.
    #[error(
        "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently \
         attached to version {holder}, so you must explicitly reference that version in \
         RemoveFromVersionId."
    )]
    LabelHeld {
        /// The label.
        label: String,
        /// The version that it is on.
        holder: String,
    },
    /// The label is not where it should be removed.
    #[error("Staging label {label} isn't currently attached to version {version}.")]
    LabelNotAttached {
        /// The label.
        label: String,
        /// The version that the caller named.
        version: String,
    },
    /// What is wrong with a resource policy.
    #[error("{0}")]
    MalformedPolicy(String),
    /// Deleted, and not yet purged.
    #[error("You can't perform this operation on the secret because it was marked for deletion.")]
    MarkedForDeletion,
    /// A page size without filters to page over.
    #[error(
        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided."
    )]
    MaxResultsWithoutFilters,
    /// The name is taken by a secret that is being deleted.
    #[error(
        "You can't create this secret because a secret with this name is already scheduled for \
         deletion."
    )]
    NameScheduledForDeletion,
    /// Neither ids nor filters.
    #[error("Either 'SecretIdList' or 'Filters' must be provided.")]
    NeitherIdsNorFilters,
    /// A label move without a place to go to or come from.
    #[error("You must provide MoveToVersionId, RemoveFromVersionId, or both.")]
    NeitherMoveNorRemove,
    /// Nothing to rotate with.
    #[error("No Lambda rotation function ARN is associated with this secret.")]
    NoFunction,
    /// A put without a value.
    #[error("You must provide either SecretString or SecretBinary.")]
    NoValue,
    /// No such version of the secret.
    #[error("Not a valid version: {0}")]
    NotAVersion(String),
    /// No rotation that makes this version has this token.
    #[error("The RotationToken isn't the token of a rotation in progress of this version.")]
    NotTheRotationToken,
    /// Part of a later release.
    #[error("{0} is not supported by this server yet.")]
    NotSupported(&'static str),
    /// Too short for one of each class.
    #[error("Password length is too short based on the required types.")]
    PasswordTooShort,
    /// Policies are attached under one name.
    #[error("You can only attach and delete the resource policy named default.")]
    PolicyNameNotDefault,
    /// No such resource policy.
    #[error("Secrets Manager can't find the specified resource policy.")]
    PolicyNotFound,
    /// A policy that lets in the world, and the caller asked to have it refused.
    #[error("You can't attach a resource-based policy that allows broad access to the secret.")]
    PublicPolicy,
    /// A version is pending that is not the current one.
    #[error("A previous rotation isn't complete. That rotation will be reattempted.")]
    PreviousRotationIncomplete,
    /// The recovery window is out of bounds.
    #[error("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")]
    RecoveryWindow,
    /// `aws:` tags are AWS's own.
    #[error("Tag keys that begin with the reserved prefix aws: can't be added or removed.")]
    ReservedTagKey,
    /// The rotation needs a token. As [`Error::TokenMissing`], under another name.
    #[error("You must provide a ClientRequestToken value. We recommend a UUID-type value.")]
    RotationWithoutToken,
    /// No such secret.
    #[error("Secrets Manager can't find the specified secret.")]
    SecretNotFound,
    /// The label is on no version.
    #[error("Secrets Manager can't find the specified secret value for staging label: {0}")]
    StageNotFound(String),
    /// The version lacks the label.
    #[error("You provided a VersionStage that is not associated to the provided VersionId.")]
    StageNotOnVersion,
    /// Tag keys that conditions could not tell apart.
    #[error("Tag keys of a secret can't differ only in case. Key: {0}")]
    TagKeysDifferInCase(String),
    /// The token names a version with another value.
    #[error(
        "You can't use ClientRequestToken {token} because that value is already in use for a \
         version of secret {arn}."
    )]
    TokenInUse {
        /// The token.
        token: String,
        /// The ARN of the secret.
        arn: String,
    },
    /// The call changes a value and needs a token.
    #[error("You must provide a ClientRequestToken value. We recommend a UUID-type value.")]
    TokenMissing,
    /// The quota of labels.
    #[error("You can attach at most {0} staging labels to the versions of a secret.")]
    TooManyLabels(usize),
    /// The quota of secrets.
    #[error("The account has reached its limit of secrets in this Region.")]
    TooManySecrets,
    /// The quota of tags.
    #[error("A secret can have at most {0} tags.")]
    TooManyTags(usize),
    /// The quota of versions.
    #[error(
        "The secret has too many versions that are less than {0} hours old. Wait before you \
         create another."
    )]
    TooManyVersions(u32),
    /// The KMS key does not exist.
    #[error("Key '{0}' does not exist")]
    UnknownKey(String),
    /// No such version, or it was pruned.
    #[error("Secrets Manager can't find the specified secret value for VersionId: {0}")]
    VersionNotFound(String),
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Common(error) => COMMON.of(error),
            Self::AccessToKms(_) | Self::FunctionNotInvocable => ("AccessDeniedException", 400),
            Self::DecryptionFailure(_) => ("DecryptionFailure", 400),
            Self::EncryptionFailure(_) => ("EncryptionFailure", 400),
            Self::InvalidName => ("ValidationException", 400),
            Self::InvalidNextToken => ("InvalidNextTokenException", 400),
            Self::AlreadyExists(_) | Self::TokenInUse { .. } => ("ResourceExistsException", 400),
            Self::MalformedPolicy(_) => ("MalformedPolicyDocumentException", 400),
            Self::PublicPolicy => ("PublicPolicyException", 400),
            Self::PolicyNotFound
            | Self::SecretNotFound
            | Self::StageNotFound(_)
            | Self::UnknownKey(_)
            | Self::VersionNotFound(_) => ("ResourceNotFoundException", 400),
            Self::TooManyLabels(_) | Self::TooManySecrets | Self::TooManyVersions(_) => {
                ("LimitExceededException", 400)
            }
            Self::AlreadyScheduledForDeletion
            | Self::DefaultKeyAcrossAccounts
            | Self::FunctionNotRunnable(_)
            | Self::MarkedForDeletion
            | Self::NameScheduledForDeletion
            | Self::NoFunction
            | Self::NoValue
            | Self::NotSupported(_)
            | Self::PreviousRotationIncomplete
            | Self::StageNotOnVersion
            | Self::TokenMissing => ("InvalidRequestException", 400),
            Self::AllCharactersExcluded
            | Self::BothForceAndWindow
            | Self::BothFrequencyAndExpression
            | Self::BothIdsAndFilters
            | Self::BothValues
            | Self::CurrentCannotBeRemoved
            | Self::DesiredTypeExcluded
            | Self::DuplicateTagKey(_)
            | Self::FilterWithoutKey
            | Self::FilterWithoutValues(_)
            | Self::InvalidSchedule(_)
            | Self::LabelHeld { .. }
            | Self::LabelNotAttached { .. }
            | Self::MaxResultsWithoutFilters
            | Self::NeitherIdsNorFilters
            | Self::NeitherMoveNorRemove
            | Self::NotAVersion(_)
            | Self::NotTheRotationToken
            | Self::PasswordTooShort
            | Self::PolicyNameNotDefault
            | Self::RecoveryWindow
            | Self::ReservedTagKey
            | Self::RotationWithoutToken
            | Self::TagKeysDifferInCase(_)
            | Self::TagWithoutKey
            | Self::TooManyTags(_) => ("InvalidParameterException", 400),
        }
    }

    fn common(&self) -> Option<&CommonError> {
        match self {
            Self::Common(error) => Some(error),
            _ => None,
        }
    }

    fn decided(&self) -> Option<&Decided> {
        match self {
            Self::AccessToKms(decided) => decided.as_deref(),
            Self::Common(CommonError::AccessDenied(denial)) => denial.decided.as_deref(),
            _ => None,
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::CurrentCannotBeRemoved => Self::CurrentCannotBeRemoved,
            Refused::HeldBy { label, holder } => Self::LabelHeld { label, holder },
            Refused::NotAttached { label, version } => Self::LabelNotAttached { label, version },
            Refused::NothingToDo => Self::NeitherMoveNorRemove,
            Refused::TooManyLabels(most) => Self::TooManyLabels(most),
            Refused::TooManyVersions(hours) => Self::TooManyVersions(hours),
        }
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            // The number of secrets is the one thing that is counted against a limit.
            CommitError::LimitReached => Self::TooManySecrets,
            CommitError::Common(error) => Self::Common(error),
        }
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        match error {
            TagError::Duplicate(key) => Self::DuplicateTagKey(key),
            TagError::NoKey => Self::TagWithoutKey,
            TagError::Reserved => Self::ReservedTagKey,
            TagError::TooMany(most) => Self::TooManyTags(most),
            TagError::Twin(key) => Self::TagKeysDifferInCase(key),
        }
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::InvalidNextToken
    }
}

/// Secrets Manager's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDeniedException", 400),
    internal: ("InternalServiceError", 500),
};
