use crate::denial::{Decided, Denial};
use std::error::Error as StdError;

/// An error that a client may see: its exception name, HTTP status and text.
///
/// Two audiences, two texts: [`AwsError::client_message`] is for the client;
/// [`std::error::Error::source`] is for the operator and is logged once, at dispatch.
pub trait AwsError: StdError + Send + Sync + 'static {
    /// The exception name and the HTTP status.
    ///
    /// Matched without a `_` arm: a new variant must choose its answer to the client.
    fn reply(&self) -> (&'static str, u16);

    /// The exception name, such as `ResourceNotFoundException`.
    fn code(&self) -> &'static str {
        self.reply().0
    }

    /// The HTTP status.
    fn status(&self) -> u16 {
        self.reply().1
    }

    /// The text for the client. By default what `Display` prints.
    fn client_message(&self) -> String {
        self.to_string()
    }

    /// The error, if it is one that every service has.
    fn common(&self) -> Option<&CommonError> {
        None
    }

    /// Whether another transaction came between, so that the operation should run again.
    fn is_conflict(&self) -> bool {
        matches!(self.common(), Some(CommonError::Conflict))
    }

    /// What decided that the caller may not, if that is why.
    fn decided(&self) -> Option<&Decided> {
        match self.common() {
            Some(CommonError::AccessDenied(denial)) => denial.decided.as_deref(),
            _ => None,
        }
    }
}

/// What may happen in an operation of any service.
#[derive(Debug, thiserror::Error)]
pub enum CommonError {
    /// The principal may not do this.
    #[error("{0}")]
    AccessDenied(Denial),
    /// Another transaction changed what this one read; nothing was written.
    #[error("the operation met a concurrent change")]
    Conflict,
    /// What keeps the records is away, and nothing was done. It is worth trying again a little later.
    #[error("The service is temporarily unavailable. Try again later.")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// Something of ours failed. The client is told no more; the source says what.
    #[error("An internal error occurred. Try again later.")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl CommonError {
    /// An internal failure with its cause, which only the operator sees.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

/// The exception name and status that one service gives to each [`CommonError`].
///
/// Per service because the names differ: Secrets Manager says `AccessDeniedException` with 400,
/// IAM and STS say `AccessDenied` with 403.
#[derive(Clone, Copy, Debug)]
pub struct CommonCodes {
    /// For [`CommonError::AccessDenied`].
    pub access_denied: (&'static str, u16),
    /// For [`CommonError::Internal`], and for [`CommonError::Conflict`] when retries ran out.
    pub internal: (&'static str, u16),
}

impl CommonCodes {
    /// The name and status for `error`.
    pub fn of(&self, error: &CommonError) -> (&'static str, u16) {
        match error {
            CommonError::AccessDenied(_) => self.access_denied,
            CommonError::Unavailable(_) => UNAVAILABLE,
            CommonError::Conflict | CommonError::Internal(_) => self.internal,
        }
    }
}

/// COMPAT: the one that AWS's front ends answer whatever the service, and that SDKs try again after.
const UNAVAILABLE: (&str, u16) = ("ServiceUnavailable", 503);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_away_has_one_answer_whatever_the_service() {
        let codes = CommonCodes {
            access_denied: ("AccessDenied", 403),
            internal: ("InternalFailure", 500),
        };
        let cause = || Box::from("no primary answers");

        let away = codes.of(&CommonError::Unavailable(cause()));
        let failed = codes.of(&CommonError::Internal(cause()));

        assert_eq!(away, ("ServiceUnavailable", 503));
        assert_eq!(failed, ("InternalFailure", 500));
    }
}
