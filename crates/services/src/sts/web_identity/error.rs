use super::keys::UnusableKeySet;
use crate::ports::IssuerKeysError;
use base::{AwsError, Timestamp};

/// Why a web identity token is not accepted.
///
/// COMPAT: names, statuses and most texts are AWS's, as its clients report them. The behaviour
/// reference has no probe of them. [`Self::Signature`], [`Self::NotYetValid`] and [`Self::Claim`]
/// have texts of ours. `IDPRejectedClaim` (403) is for issuers that are asked about a token, and
/// none is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebIdentityError {
    /// The token is for somebody else.
    #[error("Incorrect token audience")]
    Audience,
    /// A claim has the wrong form.
    #[error("Invalid claim in the ID Token: {0}")]
    Claim(&'static str),
    /// The token was good once.
    #[error(
        "Token expired: current date/time {} must be before the expiration date/time {}",
        seconds(*now),
        seconds(*expires)
    )]
    Expired {
        /// The present moment.
        now: Timestamp,
        /// When the token ended.
        expires: Timestamp,
    },
    /// The issuer is no URL that could name a provider.
    #[error("Issuer must be a valid URL")]
    IssuerForm,
    /// IAM knows the issuer, and the operator's configuration does not.
    #[error("{NO_KEY}")]
    IssuerNotNamed(#[source] IssuerKeysError),
    /// The issuer's key set is none.
    #[error("{NO_KEY}")]
    KeySet(#[source] UnusableKeySet),
    /// A claim that must be there is not.
    #[error("Missing a required claim: {0}")]
    MissingClaim(&'static str),
    /// The issuer has no key that fits the token's header.
    #[error("{NO_KEY}")]
    NoKey,
    /// The account has no provider for this issuer.
    #[error("No OpenIDConnect provider found in your account for {0}")]
    NoProvider(String),
    /// Not three parts of base64url with JSON in them, or more than we understand.
    #[error(
        "The ID Token provided is not a valid JWT. \
         (You may see this error if you sent an Access Token)"
    )]
    NotAToken,
    /// The token was made for later.
    #[error("The ID Token provided is not valid yet")]
    NotYetValid,
    /// The key did not sign this.
    #[error("The signature of the ID Token provided is not valid")]
    Signature,
    /// The issuer's keys cannot be had now.
    #[error(
        "The request could not be fulfilled because the identity provider (IDP) that was asked to \
         verify the incoming identity token could not be reached."
    )]
    Unreachable(#[source] IssuerKeysError),
}

impl AwsError for WebIdentityError {
    fn reply(&self) -> (&'static str, u16) {
        match self {
            Self::Expired { .. } => ("ExpiredTokenException", 400),
            // SDKs try again on this name and on none of the others.
            Self::Unreachable(_) => ("IDPCommunicationError", 400),
            Self::Audience
            | Self::Claim(_)
            | Self::IssuerForm
            | Self::IssuerNotNamed(_)
            | Self::KeySet(_)
            | Self::MissingClaim(_)
            | Self::NoKey
            | Self::NoProvider(_)
            | Self::NotAToken
            | Self::NotYetValid
            | Self::Signature => ("InvalidIdentityToken", 400),
        }
    }
}

fn seconds(moment: Timestamp) -> i64 {
    moment.as_millis().div_euclid(1_000)
}

const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  \
                      please reference AssumeRoleWithWebIdentity documentation for requirements";
