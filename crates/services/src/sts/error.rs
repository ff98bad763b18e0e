//! Why STS refuses, in AWS's words.

use super::session_tags::SessionTagError;
use super::web_identity::WebIdentityError;
use base::{AwsError, CommonCodes, CommonError};

/// A variant per case the service distinguishes; several may share an exception name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
    /// Codes of devices for multi-factor authentication, of which there are none.
    #[error(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA \
         serial number is valid and associated with this user."
    )]
    NoSuchDevice,
    /// The ARN is none of a role.
    #[error("Request ARN is invalid")]
    NotARole,
    /// A parameter of AWS's that this server does not have.
    #[error("{0} is not supported by this server.")]
    NotSupported(&'static str),
    /// A text that should be a session policy is none. Says where and why.
    #[error("{0}")]
    MalformedPolicy(String),
    /// Policies and tags do not fit into a session token.
    #[error("Packed policy consumes {0}% of allotted space, please use smaller policy.")]
    PackedPolicyTooLarge(usize),
    /// A managed policy that should narrow the session is not there.
    #[error("Policy {0} does not exist or is not attachable.")]
    PolicyNotFound(String),
    /// Roots have everything in their own account and nothing elsewhere.
    #[error("Roles may not be assumed by root accounts.")]
    RootCaller,
    /// Only long-term credentials bring forth a session of their own holder.
    #[error("Cannot call GetSessionToken with session credentials")]
    SessionCaller,
    /// See [`SessionTagError`].
    #[error(transparent)]
    SessionTags(#[from] SessionTagError),
    /// The name that a person took on in the first session stays through all that follow.
    #[error("The source identity cannot be changed once it is set.")]
    SourceIdentityIsSet,
    /// Longer than the role admits.
    #[error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")]
    TooLong,
    /// Longer than a session begun from a session may be.
    #[error(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role \
         chaining"
    )]
    TooLongForAChain,
    /// See [`WebIdentityError`].
    #[error(transparent)]
    WebIdentity(#[from] WebIdentityError),
}

impl AwsError for Error {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Common(error) => COMMON.of(error),
            Self::NoSuchDevice | Self::RootCaller | Self::SessionCaller => COMMON.access_denied,
            Self::NotARole
            | Self::NotSupported(_)
            | Self::PolicyNotFound(_)
            | Self::SourceIdentityIsSet
            | Self::TooLong
            | Self::TooLongForAChain => ("ValidationError", 400),
            Self::MalformedPolicy(_) => ("MalformedPolicyDocument", 400),
            Self::PackedPolicyTooLarge(_) => ("PackedPolicyTooLarge", 400),
            Self::SessionTags(_) => ("InvalidParameterValue", 400),
            Self::WebIdentity(error) => error.reply(),
        }
    }

    fn common(&self) -> Option<&CommonError> {
        match self {
            Self::Common(error) => Some(error),
            _ => None,
        }
    }
}

/// STS's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDenied", 403),
    internal: ("InternalFailure", 500),
};
