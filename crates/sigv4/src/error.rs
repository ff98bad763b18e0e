use base::Timestamp;

/// Why a request is not accepted as signed. The text is for the client, in AWS's words.
///
/// JSON services answer all of these with HTTP 400; Query services as [`Error::query_code`] says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request is signed in both forms, so it is unclear which one counts.
    #[error(
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    )]
    BothForms,
    /// The credential does not have the form `key/date/region/service/aws4_request`.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, e.g. \
         keyid/date/region/service/term, got '{0}'"
    )]
    CredentialShape(String),
    /// The date is none.
    #[error(
        "Date must be in ISO-8601 'basic format'. Got '{0}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )]
    DateForm(String),
    /// The signature is too old.
    #[error(
        "Signature expired: {} is now earlier than {} ({} - {})",
        signed_at.to_basic(),
        now.plus_seconds(lifetime_seconds.saturating_neg()).to_basic(),
        now.to_basic(),
        duration(*lifetime_seconds)
    )]
    Expired {
        /// When the request says it was signed.
        signed_at: Timestamp,
        /// The present moment.
        now: Timestamp,
        /// How long the signature was good for.
        lifetime_seconds: i64,
    },
    /// The session token was genuine once. Found by the caller, who knows the tokens.
    #[error("The security token included in the request is expired")]
    ExpiredToken,
    /// Part of the signature's data is missing, repeated or malformed. The text is complete.
    #[error("{0}")]
    Incomplete(String),
    /// The signature is another one than this request and key give.
    #[error(
        "The request signature we calculated does not match the signature you provided. \
         Check your AWS Secret Access Key and signing method. \
         Consult the service documentation for details."
    )]
    Mismatch,
    /// The request is not signed.
    #[error("Request is missing Authentication Token")]
    MissingToken,
    /// A part of the `Authorization` header has no equal-sign.
    #[error(
        "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
    )]
    NotAPair {
        /// The part.
        part: String,
        /// The whole header.
        header: String,
    },
    /// The date is in the future, beyond the clock skew that is allowed.
    #[error(
        "Signature not yet current: {} is still later than {} ({} + {})",
        signed_at.to_basic(),
        now.plus_seconds(*skew_seconds).to_basic(),
        now.to_basic(),
        duration(*skew_seconds)
    )]
    NotYetCurrent {
        /// When the request says it was signed.
        signed_at: Timestamp,
        /// The present moment.
        now: Timestamp,
        /// How far ahead a client's clock may be.
        skew_seconds: i64,
    },
    /// The credential's scope is not this endpoint's. The text is complete.
    #[error("{0}")]
    OutOfScope(String),
    /// No such access key, or the session token is not its. Found by the caller.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// A header that has to be signed is not. Names are written as in the `Host` that AWS asks for.
    #[error("'{0}' must be a 'SignedHeader' in the AWS Authorization.")]
    Unsigned(String),
    /// The algorithm is not HMAC-SHA256.
    #[error("Unsupported AWS 'algorithm': '{0}' (only AWS4-HMAC-SHA256 for now). ")]
    UnsupportedAlgorithm(String),
}

impl Error {
    /// The exception name at a JSON service, where the status is always 400.
    pub fn json_code(&self) -> &'static str {
        match self {
            Self::MissingToken => "MissingAuthenticationTokenException",
            Self::CredentialShape(_)
            | Self::DateForm(_)
            | Self::Incomplete(_)
            | Self::NotAPair { .. }
            | Self::UnsupportedAlgorithm(_) => "IncompleteSignatureException",
            Self::BothForms
            | Self::Expired { .. }
            | Self::Mismatch
            | Self::NotYetCurrent { .. }
            | Self::OutOfScope(_)
            | Self::Unsigned(_) => "InvalidSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
        }
    }

    /// The error code and status at a Query service, such as STS or IAM.
    pub fn query_code(&self) -> (&'static str, u16) {
        match self {
            Self::MissingToken => ("MissingAuthenticationToken", 403),
            Self::CredentialShape(_)
            | Self::DateForm(_)
            | Self::Incomplete(_)
            | Self::NotAPair { .. }
            | Self::UnsupportedAlgorithm(_) => ("IncompleteSignature", 400),
            Self::BothForms
            | Self::Expired { .. }
            | Self::Mismatch
            | Self::NotYetCurrent { .. }
            | Self::OutOfScope(_)
            | Self::Unsigned(_) => ("SignatureDoesNotMatch", 403),
            Self::UnknownKey => ("InvalidClientTokenId", 403),
            Self::ExpiredToken => ("ExpiredToken", 403),
        }
    }
}

/// `15 min.`, or seconds where it is not whole minutes.
fn duration(seconds: i64) -> String {
    if seconds % 60 == 0 {
        format!("{} min.", seconds / 60)
    } else {
        format!("{seconds} sec.")
    }
}
