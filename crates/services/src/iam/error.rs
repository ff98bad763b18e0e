//! Why IAM refuses, in AWS's words.

use crate::paging::InvalidToken;
use crate::tags::TagError;
use crate::tx::CommitError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No access key of the owner's has this id.
    #[error("The Access Key with id {0} cannot be found.")]
    AccessKeyNotFound(String),
    /// The policy that should bound an identity is not there.
    #[error("Scope ARN: {0} does not exist or is not attachable.")]
    BoundaryNotAttachable(String),
    /// The role has no permissions boundary to take away.
    #[error("Role {0} does not have a permissions boundary.")]
    BoundaryNotFound(String),
    /// The caller whose requests should be simulated is no user.
    #[error("CallerArn {0} is not the ARN of a user.")]
    CallerNotAUser(String),
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// Something still hangs on what should be deleted.
    #[error("Cannot delete entity, {0}")]
    DeleteConflict(Remainder),
    /// Two tags of a request have one key.
    #[error("Duplicate tag keys found. Please note that Tag keys are case insensitive.")]
    DuplicateTagKey,
    /// The name is taken. `Role with name x already exists.`
    #[error("{kind} with name {name} already exists.")]
    EntityExists { kind: &'static str, name: String },
    /// What should be simulated is no action.
    #[error("the action name `{0}` has no service prefix; write `service:Action`")]
    InvalidActionName(String),
    /// The ARN of something else, or none at all.
    #[error("ARN {0} is not valid.")]
    InvalidArn(String),
    /// The ARN of no user, group or role.
    #[error("Invalid Entity Arn: {0}")]
    InvalidEntityArn(String),
    /// A URL that no token can name as its issuer.
    #[error("Invalid Open ID Connect Provider URL")]
    InvalidIssuer,
    /// A marker that is none of this list's.
    #[error("Invalid Marker.")]
    InvalidMarker,
    /// Neither an account nor an ARN of one.
    #[error("Invalid ResourceOwner: {0}")]
    InvalidResourceOwner(String),
    /// A status that keys have and nobody gives them.
    #[error("the status `{0}` cannot be set")]
    InvalidStatus(String),
    /// A thumbprint that is no digest.
    #[error("the thumbprint `{0}` is not 40 hexadecimal digits")]
    InvalidThumbprint(String),
    /// A quota is reached.
    #[error("Cannot exceed quota for {quota}: {limit}")]
    LimitExceeded { quota: &'static str, limit: usize },
    /// Nobody here has a password for the console.
    #[error("Login Profile for User {0} cannot be found.")]
    LoginProfileNotFound(String),
    /// A document that is no policy. Says where and why.
    #[error("{0}")]
    MalformedPolicy(String),
    /// A document to be simulated is no policy. Says where and why.
    #[error("{id}: {problems}")]
    MalformedSimulatedPolicy { id: String, problems: String },
    /// What was named is not there. `The role with name x cannot be found.`
    #[error("The {kind} with name {name} cannot be found.")]
    NoSuchEntity { kind: &'static str, name: String },
    /// The user is no member.
    #[error("User {user} not in group {group}")]
    NotInGroup { user: String, group: String },
    /// Identities use the policy.
    #[error("Cannot delete a policy attached to entities.")]
    PolicyAttached,
    /// The name is taken by another managed policy.
    #[error("A policy called {0} already exists. Duplicate names are not allowed.")]
    PolicyExists(String),
    /// The policy has versions that go first.
    #[error(
        "This policy has more than one version. Before you delete a policy, you must delete the \
         policy's versions. The default version is deleted with the policy."
    )]
    PolicyHasVersions,
    /// The policy that should be attached is not there.
    #[error("Policy {0} does not exist or is not attachable.")]
    PolicyNotAttachable(String),
    /// The managed policy is not there, or not attached.
    #[error("Policy {0} was not found.")]
    PolicyNotFound(String),
    /// The documents of one kind that an identity may have are too long together.
    #[error("Maximum policy size of {limit} bytes exceeded for {kind} {name}")]
    PolicyTooLarge {
        kind: &'static str,
        name: String,
        limit: usize,
    },
    /// AWS's own policies can be attached and read, not changed.
    #[error("Policy {0} cannot be modified.")]
    PolicyUnmodifiable(String),
    /// The policy has no such version.
    #[error("Policy {arn} version {version} does not exist or is not attachable.")]
    PolicyVersionNotFound { arn: String, version: String },
    /// The issuer has a provider.
    #[error("Provider with url {0} already exists.")]
    ProviderExists(String),
    /// The provider is not there.
    #[error("OpenIDConnect Provider not found for arn {0}")]
    ProviderNotFound(String),
    /// The account has as many of the kind as it may have.
    #[error("Cannot exceed quota for this kind of entity in the account.")]
    QuotaReached,
    /// A tag whose key is AWS's to give.
    #[error("System tags cannot be added/updated by requester")]
    ReservedTagKey,
    /// A root has one access key.
    #[error(
        "the root user has its one access key already: delete it first, or renew it on the host"
    )]
    SecondRootKey,
    /// A tag without a key.
    #[error("Tag key must not be null")]
    TagWithoutKey,
    /// One permissions boundary can be simulated.
    #[error("PermissionsBoundaryPolicyInputList must contain only one policy")]
    TooManyBoundaries,
    /// An identity has as many tags as it may have.
    #[error("The number of tags has reached the maximum limit")]
    TooManyTags,
    /// A provider has as many thumbprints as it may have.
    #[error("Thumbprint list must contain fewer than 5 entries.")]
    TooManyThumbprints,
    /// A managed policy has as many versions as it may have.
    #[error(
        "A managed policy can have up to 5 versions. Before you create a new version, you must \
         delete an existing version."
    )]
    TooManyVersions,
    /// A user must be named, since the caller is none.
    #[error("Must specify userName when calling with non-User credentials")]
    UserNotNamed,
    /// The default version stays as long as it is the default.
    #[error("Cannot delete the default version of a policy.")]
    VersionIsDefault,
}

/// What has to go before an identity can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Remainder {
    /// Access keys of a user.
    #[error("must delete access keys first.")]
    AccessKeys,
    /// Managed policies.
    #[error("must detach all policies first.")]
    AttachedPolicies,
    /// Embedded policies.
    #[error("must delete policies first.")]
    InlinePolicies,
    /// Memberships, of a user or in a group.
    #[error("must remove users from group first.")]
    Memberships,
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Common(error) => COMMON.of(error),
            Self::DeleteConflict(_)
            | Self::PolicyAttached
            | Self::PolicyHasVersions
            | Self::VersionIsDefault => ("DeleteConflict", 409),
            Self::EntityExists { .. } | Self::PolicyExists(_) | Self::ProviderExists(_) => {
                ("EntityAlreadyExists", 409)
            }
            Self::CallerNotAUser(_)
            | Self::DuplicateTagKey
            | Self::InvalidActionName(_)
            | Self::InvalidArn(_)
            | Self::InvalidEntityArn(_)
            | Self::InvalidResourceOwner(_)
            | Self::InvalidStatus(_)
            | Self::InvalidThumbprint(_)
            | Self::MalformedSimulatedPolicy { .. }
            | Self::ReservedTagKey
            | Self::TagWithoutKey
            | Self::TooManyBoundaries
            | Self::TooManyThumbprints => ("InvalidInput", 400),
            Self::LimitExceeded { .. }
            | Self::PolicyTooLarge { .. }
            | Self::QuotaReached
            | Self::SecondRootKey
            | Self::TooManyTags
            | Self::TooManyVersions => ("LimitExceeded", 409),
            Self::MalformedPolicy(_) => ("MalformedPolicyDocument", 400),
            Self::AccessKeyNotFound(_)
            | Self::BoundaryNotAttachable(_)
            | Self::BoundaryNotFound(_)
            | Self::LoginProfileNotFound(_)
            | Self::NoSuchEntity { .. }
            | Self::NotInGroup { .. }
            | Self::PolicyNotAttachable(_)
            | Self::PolicyNotFound(_)
            | Self::PolicyVersionNotFound { .. }
            | Self::ProviderNotFound(_) => ("NoSuchEntity", 404),
            Self::PolicyUnmodifiable(_) => ("UnmodifiableEntity", 400),
            Self::InvalidIssuer | Self::InvalidMarker | Self::UserNotNamed => {
                ("ValidationError", 400)
            }
        }
    }

    fn common(&self) -> Option<&CommonError> {
        match self {
            Self::Common(error) => Some(error),
            _ => None,
        }
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
        Self::InvalidMarker
    }
}

impl From<TagError> for Error {
    fn from(error: TagError) -> Self {
        match error {
            TagError::Duplicate(_) | TagError::Twin(_) => Self::DuplicateTagKey,
            TagError::NoKey => Self::TagWithoutKey,
            TagError::Reserved => Self::ReservedTagKey,
            TagError::TooMany(_) => Self::TooManyTags,
        }
    }
}

/// IAM's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDenied", 403),
    internal: ("ServiceFailure", 500),
};

#[cfg(test)]
mod tests;
