/// Why a request was refused before any operation saw it. The caller's fault; always HTTP 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The body is not JSON, or a value is of the wrong JSON type.
    ///
    /// SECURITY: the text is one of a fixed set, so that it cannot carry a piece of the body.
    #[error("{}", .0.unwrap_or("the body is not a JSON object"))]
    Serialization(Option<&'static str>),
    /// A constraint is not met. The text is complete, in AWS's form.
    #[error("{0}")]
    Validation(String),
}

impl Rejection {
    /// The exception name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Serialization(_) => "SerializationException",
            Self::Validation(_) => "ValidationException",
        }
    }

    /// The text for the client, if AWS gives one.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Serialization(text) => *text,
            Self::Validation(text) => Some(text),
        }
    }
}
