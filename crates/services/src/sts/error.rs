use base::{AwsError, CommonCodes, CommonError};

/// Why STS refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// See [`CommonError`].
    #[error(transparent)]
    Common(#[from] CommonError),
}

impl AwsError for Error {
    fn code(&self) -> &'static str {
        let Self::Common(error) = self;
        COMMON.of(error).0
    }

    fn status(&self) -> u16 {
        let Self::Common(error) = self;
        COMMON.of(error).1
    }
}

/// STS's names for the common errors.
pub(crate) const COMMON: CommonCodes = CommonCodes {
    access_denied: ("AccessDenied", 403),
    internal: ("InternalFailure", 500),
};
