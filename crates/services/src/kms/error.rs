//! Why KMS refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
///
/// COMPAT: AWS gives no text with `InvalidCiphertextException` and `InvalidGrantTokenException`, and
/// neither do we: it would only help somebody who guesses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The alias is taken. The ARN of the alias.
    #[error("An alias with the name {0} already exists")]
    AliasExists(String),
    /// No such alias. Its ARN.
    #[error("Alias {0} is not found.")]
    AliasNotFound(String),
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// The key is disabled. Its ARN.
    #[error("{0} is disabled.")]
    Disabled(String),
    /// Everything is right, and nothing was to be done.
    #[error("The request would have succeeded, but the DryRun option is set.")]
    DryRun,
    /// A tag key twice in one request.
    #[error("Duplicate tag keys found. Please note that Tag keys are case sensitive. Key: {0}")]
    DuplicateTagKey(String),
    /// No such grant.
    #[error("Grant ID {0} not found")]
    GrantNotFound(String),
    /// The ciphertext is of another key than the caller named.
    #[error("The key ID in the request does not identify a CMK that can perform this operation.")]
    IncorrectKey,
    /// An ARN of something that is not what the operation takes.
    #[error("{0}")]
    InvalidArn(String),
    /// What was given is no ciphertext of the key in this encryption context.
    #[error("")]
    InvalidCiphertext,
    /// No such grant could be.
    #[error("{0}")]
    InvalidGrantId(&'static str),
    /// A text that is no grant token.
    #[error("")]
    InvalidGrantToken,
    /// The key is not for this algorithm. Its ARN.
    #[error("{0} key usage is ENCRYPT_DECRYPT which is not valid for this algorithm.")]
    InvalidKeyUsage(String),
    /// What names no key.
    #[error("Invalid keyId '{0}'")]
    InvalidKeyId(String),
    /// A paging token of another list, or not ours.
    #[error("The marker is invalid.")]
    InvalidMarker,
    /// A principal of a key policy is nobody.
    #[error("Policy contains a statement with one or more invalid principals.")]
    InvalidPrincipals,
    /// No such key. Its ARN.
    #[error("Key '{0}' does not exist")]
    KeyNotFound(String),
    /// A quota. Its text.
    #[error("{0}")]
    LimitExceeded(&'static str),
    /// The caller could not put another policy after this one.
    #[error("The new key policy will not allow you to update the key policy in the future.")]
    LockOut,
    /// What is wrong with a key policy.
    #[error("{0}")]
    MalformedPolicy(String),
    /// The key is not going to be deleted. Its ARN.
    #[error("{0} is not pending deletion.")]
    NotPendingDeletion(String),
    /// An ARN of another Region, which it names.
    #[error("Invalid arn {0}")]
    OtherRegion(String),
    /// The key is going to be deleted. Its ARN.
    #[error("{0} is pending deletion.")]
    PendingDeletion(String),
    /// Key policies have one name.
    #[error("No such policy exists")]
    PolicyNotFound,
    /// `aws:` tags are AWS's own.
    #[error("aws: prefixed tag key names are not allowed for external use.")]
    ReservedTagKey,
    /// AWS's own aliases. COMPAT: AWS gives no text.
    #[error("")]
    ReservedAlias,
    /// The material of the key was renewed on demand as often as it can be. Its ARN.
    #[error(
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand \
         rotations can be performed for this key: {0}"
    )]
    RotationsExhausted(String),
    /// Tag keys that conditions could not tell apart.
    #[error("Tag keys of a key can't differ only in case. Key: {0}")]
    TagKeysDifferInCase(String),
    /// The quota of tags.
    #[error("Too many tags")]
    TooManyTags,
    /// What AWS has and this server has not.
    #[error("{0}")]
    Unsupported(String),
    /// A rule about parameters that the model cannot say.
    #[error("{0}")]
    Validation(String),
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Common(error) => COMMON.of(error),
            Self::AliasExists(_) => ("AlreadyExistsException", 400),
            Self::AliasNotFound(_)
            | Self::GrantNotFound(_)
            | Self::InvalidKeyId(_)
            | Self::KeyNotFound(_)
            | Self::OtherRegion(_)
            | Self::PolicyNotFound => ("NotFoundException", 400),
            Self::Disabled(_) => ("DisabledException", 400),
            Self::DryRun => ("DryRunOperationException", 400),
            Self::IncorrectKey => ("IncorrectKeyException", 400),
            Self::InvalidArn(_) => ("InvalidArnException", 400),
            Self::InvalidCiphertext => ("InvalidCiphertextException", 400),
            Self::InvalidGrantId(_) => ("InvalidGrantIdException", 400),
            Self::InvalidGrantToken => ("InvalidGrantTokenException", 400),
            Self::InvalidKeyUsage(_) => ("InvalidKeyUsageException", 400),
            Self::InvalidMarker => ("InvalidMarkerException", 400),
            Self::InvalidPrincipals | Self::LockOut | Self::MalformedPolicy(_) => {
                ("MalformedPolicyDocumentException", 400)
            }
            Self::LimitExceeded(_) | Self::RotationsExhausted(_) => ("LimitExceededException", 400),
            Self::NotPendingDeletion(_) | Self::PendingDeletion(_) => {
                ("KMSInvalidStateException", 400)
            }
            Self::DuplicateTagKey(_)
            | Self::ReservedTagKey
            | Self::TagKeysDifferInCase(_)
            | Self::TooManyTags => ("TagException", 400),
            Self::ReservedAlias => ("NotAuthorizedException", 400),
            Self::Unsupported(_) => ("UnsupportedOperationException", 400),
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
            // The number of keys is the one thing that is counted against a limit.
            CommitError::LimitReached => Self::LimitExceeded(TOO_MANY_KEYS),
            CommitError::Common(error) => Self::Common(error),
        }
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        match error {
            TagError::Duplicate(key) => Self::DuplicateTagKey(key),
            TagError::NoKey => Self::Validation(String::from("You must provide a key for a tag.")),
            TagError::Reserved => Self::ReservedTagKey,
            TagError::TooMany(_) => Self::TooManyTags,
            TagError::Twin(key) => Self::TagKeysDifferInCase(key),
        }
    }
}

impl From<InvalidToken> for Error {
    fn from(_: InvalidToken) -> Self {
        Self::InvalidMarker
    }
}

const TOO_MANY_KEYS: &str = "The account has reached its limit of keys in this Region.";

/// KMS's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDeniedException", 400),
    internal: ("KMSInternalException", 500),
};
