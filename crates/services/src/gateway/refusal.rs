use base::{AwsError, CommonCodes, CommonError, Decided};
use std::error::Error as StdError;
use wire::json::MessageKey;

/// A refusal on its way to the client.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: &'static str,
    status: u16,
    message: Option<String>,
    origin: Origin,
    /// What decided, if the caller may not.
    decided: Option<Box<Decided>>,
    /// What went wrong with us, for the operator.
    cause: Option<String>,
}

/// Who refused: it decides how the JSON member with the text is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    FrontEnd,
    Service,
}

impl Refusal {
    /// A service's refusal.
    pub(crate) fn of(error: &impl AwsError) -> Self {
        Self {
            code: error.code(),
            status: error.status(),
            message: Some(error.client_message()),
            origin: Origin::Service,
            decided: error.decided().cloned().map(Box::new),
            cause: (error.status() >= 500).then(|| causes(error)),
        }
    }

    /// A common error, in the names of a service.
    pub(crate) fn common(codes: CommonCodes, error: &CommonError) -> Self {
        let (code, status) = codes.of(error);
        Self {
            code,
            status,
            message: Some(error.to_string()),
            origin: Origin::Service,
            decided: None,
            cause: (status >= 500).then(|| causes(error)),
        }
    }

    /// A refusal before any service was asked: signature, syntax, constraints.
    pub(crate) fn front_end(code: &'static str, status: u16, message: Option<String>) -> Self {
        Self {
            code,
            status,
            message,
            origin: Origin::FrontEnd,
            decided: None,
            cause: None,
        }
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub(crate) fn decided(&self) -> Option<&Decided> {
        self.decided.as_deref()
    }

    /// Whether the front end refused, before any service was asked.
    pub(crate) fn is_of_front_end(&self) -> bool {
        self.origin == Origin::FrontEnd
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// How the text is named, by a service whose model names that of an error by `modelled`.
    ///
    /// COMPAT: `message` from the front end, `Message` with denials of every service (behaviour
    /// reference §1.2).
    pub(crate) fn message_key(&self, modelled: MessageKey) -> MessageKey {
        match self.origin {
            Origin::FrontEnd => MessageKey::Lower,
            Origin::Service if self.code == DENIED => MessageKey::Upper,
            Origin::Service => modelled,
        }
    }
}

/// The chain of causes, outermost first.
fn causes(error: &dyn StdError) -> String {
    let mut text = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push(cause.to_string());
        next = cause.source();
    }
    if text.is_empty() {
        error.to_string()
    } else {
        text.join(": ")
    }
}

/// What JSON services call a denial.
pub(super) const DENIED: &str = "AccessDeniedException";
